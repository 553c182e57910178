import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { assembleAnswer } from '../../../../src/core/assemble-answer.ts'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import type { ChatAnswer, FinishReason, ReasoningProof, Usage } from '../../../../src/core/chat.ts'
import { encodeAnswer } from '../../../../src/formats/anthropic-messages/client/encode-answer.ts'
import { CONTEXT } from './answer.ts'
import { eventsOf, readBySdk, streamOf } from './stream.ts'

/** One thing that happens in a stream; calls are picked among those that are open. */
type Step =
  | { readonly kind: 'text' | 'refusal' | 'reasoning'; readonly text: string }
  | { readonly kind: 'reasoning-proof'; readonly proof: ReasoningProof }
  | { readonly kind: 'begin'; readonly id: string; readonly arguments: string }
  | { readonly kind: 'write'; readonly pick: number; readonly length: number }
  | { readonly kind: 'end-call'; readonly pick: number }
  | { readonly kind: 'ping' }

const PIECES = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom('', '\n', '"'),
)
const ARGUMENTS = fc.oneof(
  fc.constantFrom('', ' ', '{}', '{"a":"b\\n\\"","c":[1,{"d":null}]}'),
  fc
    .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue())
    .map((value) => JSON.stringify(value)),
)
const STEPS: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({ kind: fc.constantFrom('text', 'refusal', 'reasoning'), text: PIECES }),
    weight: 4,
  },
  fc.record({
    kind: fc.constant('reasoning-proof'),
    proof: fc.record({
      family: fc.constantFrom('claude', 'gemini', 'gpt', 'converse'),
      kind: fc.constantFrom('signature', 'encrypted'),
      value: fc.string({ minLength: 1 }),
    }),
  }),
  fc.record({ kind: fc.constant('begin'), id: fc.oneof(fc.uuid(), PIECES), arguments: ARGUMENTS }),
  {
    arbitrary: fc.record({
      kind: fc.constantFrom('write', 'end-call'),
      pick: fc.nat(9),
      length: fc.nat(12),
    }),
    weight: 4,
  },
  fc.constant({ kind: 'ping' }),
) as fc.Arbitrary<Step>

const USAGE: fc.Arbitrary<Usage> = fc.record(
  {
    inputTokens: fc.nat(),
    cachedInputTokens: fc.nat(),
    cacheWriteTokens: fc.nat(),
    outputTokens: fc.nat(),
    reasoningTokens: fc.nat(),
  },
  { requiredKeys: ['inputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'outputTokens'] },
)

/** The steps as events that keep what decoders promise. */
function eventsOfSteps(steps: readonly Step[], usage: Usage, reason: FinishReason): ChatEvent[] {
  const events: ChatEvent[] = [{ kind: 'start' }]
  const open: { readonly call: number; left: string }[] = []
  let calls = 0
  const write = (at: number, length: number): void => {
    const picked = open[at]
    if (picked === undefined) return
    events.push({ kind: 'tool-arguments', call: picked.call, text: picked.left.slice(0, length) })
    picked.left = picked.left.slice(length)
  }
  const end = (at: number): void => {
    write(at, Infinity)
    for (const { call } of open.splice(at, 1)) events.push({ kind: 'tool-call-end', call })
  }
  for (const step of steps) {
    if (step.kind === 'begin') {
      open.push({ call: calls, left: step.arguments })
      events.push({ kind: 'tool-call', call: calls++, id: step.id, name: 'f' })
    } else if (step.kind === 'write') write(step.pick % Math.max(1, open.length), step.length)
    else if (step.kind === 'end-call') end(step.pick % Math.max(1, open.length))
    else events.push(step)
  }
  while (open.length > 0) end(open.length - 1)
  return [
    ...events,
    { kind: 'finish', finish: { reason } },
    { kind: 'usage', usage },
    { kind: 'end' },
  ]
}

const STREAMS = fc
  .tuple(
    fc.array(STEPS, { maxLength: 40 }),
    USAGE,
    fc.constantFrom<FinishReason>('stop', 'tool-calls', 'length', 'content-filter'),
  )
  .map((all) => eventsOfSteps(...all))

function wholeOf(events: readonly ChatEvent[]): ChatAnswer {
  const assembly = assembleAnswer()
  for (const event of events) assembly.next(event)
  const answer = assembly.answer()
  if (answer === undefined) throw new Error('not whole')
  return answer
}

test('the library reads a stream as it reads the whole answer', async () => {
  await fc.assert(
    fc.asyncProperty(STREAMS, async (events) => {
      const whole = JSON.parse(JSON.stringify(encodeAnswer(wholeOf(events), CONTEXT))) as object
      const read = await readBySdk(streamOf(events), 64)
      expect(JSON.parse(JSON.stringify(read))).toMatchObject(whole)
      expect(read.content).toHaveLength((whole as { content: unknown[] }).content.length)
    }),
    { numRuns: 300 },
  )
})

test('blocks are begun, filled and ended one after the other, between the first and the last word', () => {
  fc.assert(
    fc.property(STREAMS, (events) => {
      const types = eventsOf(streamOf(events)).filter(({ type }) => type !== 'ping')
      const shape = types.map(({ type, index }) =>
        index === undefined ? String(type) : `${String(type)}:${Number(index)}`,
      )
      expect(shape.shift()).toBe('message_start')
      expect(shape.pop()).toBe('message_stop')
      expect(shape.pop()).toBe('message_delta')
      for (let index = 0; shape.length > 0; index++) {
        expect(shape.shift()).toBe(`content_block_start:${index}`)
        while (shape[0] === `content_block_delta:${index}`) shape.shift()
        expect(shape.shift()).toBe(`content_block_stop:${index}`)
      }
    }),
    { numRuns: 500 },
  )
})
