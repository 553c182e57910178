import * as fc from 'fast-check'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import type { Finish, ReasoningProof, Usage } from '../../../../src/core/chat.ts'

/** Any stream of events that keeps what decoders promise. */

const TEXT = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('é😀', '\n\n', '"\\', 'data: [DONE]'),
)
const ARGUMENTS = fc.oneof(
  fc.constantFrom(
    '',
    '{}',
    '{"a":',
    '{"input":"',
    '{"inp',
    '{"input":"a\\n\\u00e9\\ud83d\\ude00"}',
  ),
  fc.string({ unit: 'grapheme' }).map((input) => JSON.stringify({ input })),
)
const PROOF: fc.Arbitrary<ReasoningProof> = fc.record({
  family: fc.constantFrom('claude', 'gemini', 'gpt', 'grok', 'converse'),
  kind: fc.constantFrom('signature', 'encrypted'),
  value: fc.oneof(
    fc.base64String({ minLength: 4 }),
    fc.constantFrom('kwreason.W10', 'kwproof.x.y'),
  ),
})

interface Call {
  readonly name: string
  readonly id: string
  readonly text: string
  readonly cuts: readonly number[]
}
const CALL: fc.Arbitrary<Call> = fc.record({
  name: fc.constantFrom('f', 'patch', 'ns__g'),
  id: fc.oneof(fc.uuid(), fc.string({ minLength: 1, maxLength: 5 })),
  text: ARGUMENTS,
  cuts: fc.array(fc.nat({ max: 5 }), { maxLength: 4 }),
})

const WORDS: fc.Arbitrary<readonly ChatEvent[]> = fc.oneof(
  fc
    .record({ kind: fc.constantFrom('text', 'refusal', 'reasoning'), text: TEXT })
    .map((event): readonly ChatEvent[] => [event]),
  PROOF.map((proof): readonly ChatEvent[] => [{ kind: 'reasoning-proof', proof }]),
  fc.constant<readonly ChatEvent[]>([{ kind: 'ping' }]),
)
/** Calls side by side, their pieces in turn. */
const CALLS = fc.array(CALL, { minLength: 1, maxLength: 3 })

const USAGE: fc.Arbitrary<Usage> = fc.record(
  { inputTokens: fc.nat(), cachedInputTokens: fc.nat(), outputTokens: fc.nat() },
  { requiredKeys: ['inputTokens', 'outputTokens'] },
)
const FINISH: fc.Arbitrary<Finish> = fc.record({
  reason: fc.constantFrom(
    'stop',
    'stop-sequence',
    'tool-calls',
    'length',
    'content-filter',
    'pause',
  ),
})

export const STREAMS: fc.Arbitrary<readonly ChatEvent[]> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: WORDS }, CALLS), { maxLength: 12 }),
    USAGE,
    FINISH,
  )
  .map(([pieces, usage, finish]) => {
    let count = 0
    const content = pieces.flatMap((piece) => {
      const calls = piece.filter((one) => 'cuts' in one)
      const events = calls.length === 0 ? (piece as readonly ChatEvent[]) : sideBySide(calls, count)
      count += calls.length
      return events
    })
    return [
      { kind: 'start', id: 'x', model: 'said-model' },
      ...content,
      { kind: 'finish', finish },
      { kind: 'usage', usage },
      { kind: 'end' },
    ]
  })

function sideBySide(calls: readonly Call[], first: number): readonly ChatEvent[] {
  const begun = calls.map(({ id, name }, index): ChatEvent => ({
    kind: 'tool-call',
    call: first + index,
    // Providers give every call of an answer an id of its own.
    id: `${id}${first + index}`,
    name,
  }))
  const queues = calls.map(({ text, cuts }) => piecesOf(text, cuts))
  const written: ChatEvent[] = []
  while (queues.some((queue) => queue.length > 0)) {
    for (const [index, queue] of queues.entries()) {
      const text = queue.shift()
      if (text !== undefined) written.push({ kind: 'tool-arguments', call: first + index, text })
    }
  }
  const ended = calls.map((_, index): ChatEvent => ({ kind: 'tool-call-end', call: first + index }))
  return [...begun, ...written, ...ended]
}

function piecesOf(text: string, cuts: readonly number[]): string[] {
  const pieces: string[] = []
  let at = 0
  for (const length of cuts) {
    pieces.push(text.slice(at, at + length))
    at += length
  }
  return [...pieces, text.slice(at)]
}
