import { type Happening, levelOf } from './happening.ts'

/** A happening as one line of JSON, for programs that collect logs. */
export function jsonLine(happening: Happening, endpoint: string, now: Date): string {
  const { event, ...members } = happening
  const said = Object.entries(members).map(([name, value]) => [snakeCase(name), value] as const)
  return JSON.stringify({
    time: now.toISOString(),
    level: levelOf(happening),
    event,
    endpoint,
    ...Object.fromEntries(said),
  })
}

const snakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
