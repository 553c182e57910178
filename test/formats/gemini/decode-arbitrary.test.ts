import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChatEvent } from '../../../src/core/chat-events.ts'
import { GatewayError } from '../../../src/core/errors.ts'
import type { JsonObject } from '../../../src/core/parse.ts'
import { geminiUpstream } from '../../../src/formats/gemini/upstream.ts'
import { assembled, eventsOf, source } from './fixtures.ts'

const odd = fc.jsonValue({ maxDepth: 2 })
const or = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: odd })
const members = (model: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(model, { requiredKeys: [] })

const part = or(
  fc.oneof(
    members({
      text: or(fc.string({ maxLength: 3 })),
      thought: or(fc.boolean()),
      thoughtSignature: or(fc.base64String({ maxLength: 4 })),
    }),
    members({
      functionCall: or(
        members({ id: or(fc.string({ maxLength: 3 })), name: or(fc.string()), args: odd }),
      ),
      thoughtSignature: or(fc.constant('UzE=')),
    }),
  ),
)
const candidate = or(
  members({
    index: or(fc.constantFrom(0, 0, 0, 1)),
    content: or(
      members({ role: fc.constant('model'), parts: or(fc.array(part, { maxLength: 3 })) }),
    ),
    finishReason: or(
      fc.constantFrom('STOP', 'MAX_TOKENS', 'SAFETY', 'MALFORMED_FUNCTION_CALL', 'NEW'),
    ),
  }),
)
const chunk = members({
  candidates: or(fc.array(candidate, { maxLength: 2 })),
  promptFeedback: fc.oneof(fc.constant({}), or(fc.constant({ blockReason: 'SAFETY' }))),
  usageMetadata: or(
    members({ promptTokenCount: or(fc.nat()), candidatesTokenCount: or(fc.nat()) }),
  ),
  responseId: or(fc.string()),
}).map((value) => value as JsonObject)

/** What a decoder promises of its events. */
function requireOrder(events: readonly ChatEvent[]): void {
  const kinds = events.map(({ kind }) => kind)
  if (kinds.length === 0) return
  expect(['start', 'error']).toContain(kinds[0])
  expect(kinds.lastIndexOf('start')).toBeLessThanOrEqual(0)
  for (const last of ['end', 'error'] as const) {
    if (kinds.includes(last)) expect(kinds.indexOf(last)).toBe(kinds.length - 1)
  }
  const finish = kinds.indexOf('finish')
  expect(kinds.lastIndexOf('finish')).toBe(finish)
  if (finish !== -1) expect(kinds.slice(finish)).toEqual(['finish', 'end'])
  let begun = 0
  let ended = 0
  for (const event of events) {
    if (event.kind === 'tool-call') expect(event.call).toBe(begun++)
    if (event.kind === 'tool-arguments')
      expect(() => JSON.parse(event.text) as unknown).not.toThrow()
    if (event.kind === 'tool-call-end') expect(event.call).toBe(ended++)
  }
  expect(ended).toBe(begun)
}

test('whatever Google sends, the events are in order', () => {
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 4 }), (chunks) => requireOrder(eventsOf(chunks))),
    { numRuns: 1000 },
  )
})

test('a whole answer is what its stream is, or an error', () => {
  fc.assert(
    fc.property(chunk, (body) => {
      const streamed = assembled(eventsOf([body]))
      try {
        expect(geminiUpstream.decodeAnswer(body, source())).toEqual(streamed)
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error
        expect(error.code).toBe('upstream_error')
        expect(streamed).toBeUndefined()
      }
    }),
    { numRuns: 500 },
  )
})
