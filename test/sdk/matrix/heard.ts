import { expect } from 'vitest'
import { lastRequest } from '../../support/keyway.ts'
import type { Line } from '../../upstreams/conversation.ts'
import type { Turn } from './caller.ts'
import type { Stage } from './stage.ts'

/** What the model was told in the last request that reached an upstream. */
export function told({ keyway, upstream: { provider } }: Stage): readonly Line[] {
  const { prompt, refusal } = lastRequest(keyway.standIns, provider)
  if (prompt === undefined) throw new Error(`${provider} refused: ${refusal}`)
  return prompt.lines
}

/** The text of the lines of one kind, put together: where a text is cut into parts is the format's affair. */
export function textOf(lines: readonly Line[], kind: Line['kind']): string {
  return lines
    .filter((line) => line.kind === kind)
    .map((line) => ('text' in line ? line.text : ''))
    .join('\n')
}

/** A conversation without ids and reasoning, every turn a word of its own. */
export function outline(lines: readonly Line[]): unknown[] {
  return lines.flatMap((line): unknown[] => {
    switch (line.kind) {
      case 'user':
      case 'assistant':
        return [[line.kind, line.text]]
      case 'call':
        return [['call', line.name, line.arguments]]
      case 'result':
        return [['result', line.text]]
      case 'media':
        return [['media', line.mediaType, line.data ?? line.url]]
      case 'system':
      case 'reasoning':
      case 'refusal':
        return []
      default:
        return line satisfies never
    }
  })
}

/** The outline that turns ought to have. */
export function outlineOf(turns: readonly Turn[]): unknown[] {
  return turns.flatMap((turn): unknown[] => {
    switch (turn.by) {
      case 'system':
      case 'developer':
        return []
      case 'user': {
        const media = turn.image ? [['media', turn.image.mediaType, turn.image.data]] : []
        return [['user', turn.text], ...media]
      }
      case 'assistant':
        return [
          ...(turn.text === undefined ? [] : [['assistant', turn.text]]),
          ...(turn.calls ?? []).map(({ name, arguments: given }) => ['call', name, given]),
        ]
      case 'tool':
        return [['result', turn.text]]
      default:
        return turn satisfies never
    }
  })
}

/** Every result answers the call that stands where it does; `given` are the ids that the upstream itself gave. */
export function expectPaired(lines: readonly Line[], given?: readonly string[]): void {
  const ids = (kind: 'call' | 'result') =>
    lines.flatMap((line) => (line.kind === kind ? [line.id] : []))
  expect(ids('result')).toEqual(ids('call'))
  if (given) expect(ids('call')).toEqual(given)
  expect(new Set(ids('call')).size).toBe(ids('call').length)
}
