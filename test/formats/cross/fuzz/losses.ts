import type { Line } from '../../../upstreams/conversation.ts'
import type { Call, Saying, Talk } from './talk.ts'

/**
 * What a model that heard these lines was not told of a conversation, or in another order. Instructions may have moved;
 * all else must not have.
 */
export function lossesIn(lines: readonly Line[], talk: Talk): readonly string[] {
  const losses: string[] = []
  let at = 0
  /** Finds a text at or behind the place where the last one was found. */
  const expectNext = (text: string, kinds: readonly Line['kind'][]): void => {
    if (text.trim() === '') return
    const index = lines.findIndex(
      (line, place) => place >= at && kinds.includes(line.kind) && has(line, text),
    )
    if (index === -1) losses.push(`${kinds[0]}: ${text}`)
    else at = index
  }
  const expectAnywhere = (text: string): void => {
    if (text.trim() !== '' && !lines.some((line) => has(line, text))) losses.push(`system: ${text}`)
  }
  const expectSayings = (sayings: readonly Saying[]): void => {
    for (const saying of sayings) {
      if (saying.role === 'system') saying.texts.forEach(expectAnywhere)
      else
        for (const part of saying.parts) if (part.kind === 'text') expectNext(part.text, ['user'])
    }
  }
  const calls = lines.filter((line) => line.kind === 'call')
  const made = calls.values()
  const expectCall = (call: Call): void => {
    // Where no tools may stand in a request, what they were is told in words.
    if (calls.length === 0 && talk.wishes.toolChoice === 'none') {
      return [call.name, ...call.results].forEach(expectAnywhere)
    }
    const line = made.next().value
    if (line === undefined || !isSameCall(line, call)) return void losses.push(`call: ${call.id}`)
    const place = lines.indexOf(line)
    const result = lines.find(
      (one, index) => index > place && one.kind === 'result' && one.id === line.id,
    )
    if (result?.kind !== 'result') return void losses.push(`result: ${call.id}`)
    for (const text of call.results) {
      if (text.trim() !== '' && !has(result, text)) losses.push(`result: ${text}`)
    }
  }
  talk.instructions.forEach(expectAnywhere)
  expectSayings(talk.opening)
  for (const { texts, refusal = '', calls: asked, after } of talk.rounds) {
    for (const text of texts) expectNext(text, ['assistant'])
    expectNext(refusal, ['refusal', 'assistant'])
    asked.forEach(expectCall)
    expectSayings(after)
  }
  if (!made.next().done) losses.push('calls that nobody made')
  return losses
}

/** How many images and files a caller shows, who can show them in results too, or not. */
export function mediaIn({ opening, rounds }: Talk, areInResults: boolean): number {
  const sayings = [...opening, ...rounds.flatMap(({ after }) => after)]
  const parts = sayings.flatMap((saying) => (saying.role === 'user' ? saying.parts : []))
  const results = rounds.flatMap(({ calls }) => calls).filter(({ hasImage }) => hasImage)
  return parts.filter(({ kind }) => kind !== 'text').length + (areInResults ? results.length : 0)
}

const has = (line: Line, text: string): boolean => 'text' in line && line.text.includes(text.trim())

/** A name that is too long for a provider is shortened. */
function isSameCall(line: Extract<Line, { kind: 'call' }>, { name, input }: Call): boolean {
  const isSameName =
    line.name === name || (name.length > 60 && line.name.startsWith(name.slice(0, 30)))
  return isSameName && sorted(line.arguments) === sorted(input)
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}
