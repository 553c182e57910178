import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/core/errors.ts'
import { bedrockConverseUpstream } from '../../../src/formats/bedrock-converse/upstream.ts'
import { anyMessages, conversation, wishes } from './arbitrary.ts'
import {
  CLAUDE_37,
  CLAUDE_45,
  CLAUDE_46,
  CLAUDE_5,
  CLAUDE_55,
  encode,
  type Encoded,
  eventsOf,
  GPT,
  GPT_OSS,
  LLAMA,
  MISTRAL,
  NOVA,
  NOVA_2,
  OPAQUE,
  QWEN,
  source,
  TITAN,
} from './fixtures.ts'

const CLAUDES = [CLAUDE_37, CLAUDE_45, CLAUDE_46, CLAUDE_5, CLAUDE_55]
const MODELS = [...CLAUDES, NOVA, NOVA_2, LLAMA, MISTRAL, TITAN, QWEN, GPT_OSS, GPT, OPAQUE]
const model = fc.constantFrom(...MODELS)
const mode = fc.constantFrom('lenient', 'lenient', 'default', 'strict')

/** The body that the stand-in took, or undefined where the gateway refused the request; anything else is thrown. */
function encodeOrRefuse(...asked: Parameters<typeof encode>): Encoded | undefined {
  try {
    return encode(...asked)
  } catch (error) {
    if (error instanceof GatewayError) return undefined
    throw error
  }
}

describe('any request', () => {
  test('is refused by the gateway, or taken by the stand-in', () => {
    let taken = 0
    fc.assert(
      fc.property(
        wishes,
        fc.oneof(anyMessages, {
          weight: 3,
          arbitrary: conversation.map(({ messages }) => messages),
        }),
        model,
        mode,
        (wish, messages, to, compat) => {
          if (encodeOrRefuse({ ...wish, messages }, to, compat) !== undefined) taken++
        },
      ),
      { numRuns: 600 },
    )
    // So that it is not refused for some other reason all the time.
    expect(taken).toBeGreaterThan(100)
  })

  test('a conversation that makes sense is never refused where the caller is lenient', () => {
    fc.assert(
      fc.property(conversation, model, ({ messages }, to) => {
        expect(encodeOrRefuse({ messages }, to, 'lenient')).toBeDefined()
      }),
      { numRuns: 300 },
    )
  })
})

const isPoint = (block: object) => 'cachePoint' in block

test('#30 #35 the translation of a conversation begins that of the conversation as it goes on', () => {
  fc.assert(
    fc.property(conversation, wishes, model, ({ messages, continued }, wish, to) => {
      const before = encodeOrRefuse({ ...wish, messages }, to, 'lenient')?.body
      const after = encodeOrRefuse({ ...wish, messages: continued }, to, 'lenient')?.body
      // Points of a cache are no part of what is said, and four are all there may be.
      const said = (body = before) =>
        body?.messages.map(({ role, content }) => ({
          role,
          content: content.filter((block) => !isPoint(block)),
        })) ?? []
      if (before === undefined || after === undefined) return
      expect(said(after).slice(0, before.messages.length)).toEqual(said())
      expect(after.system?.filter((one) => !isPoint(one))).toEqual(
        before.system?.filter((one) => !isPoint(one)),
      )
    }),
    { numRuns: 300 },
  )
})

test('the same request is always the same bytes, and is not changed', () => {
  fc.assert(
    fc.property(conversation, wishes, model, ({ messages }, wish, to) => {
      const request = { ...wish, messages }
      const copy = structuredClone(request)
      const first = encodeOrRefuse(request, to, 'lenient')
      expect(request).toEqual(copy)
      expect(JSON.stringify(encodeOrRefuse(request, to, 'lenient'))).toBe(JSON.stringify(first))
    }),
    { numRuns: 100 },
  )
})

const payload = fc.record(
  {
    role: fc.constant('assistant'),
    contentBlockIndex: fc.oneof(fc.nat({ max: 2 }), fc.jsonValue({ maxDepth: 0 })),
    start: fc.oneof(
      fc.record({
        toolUse: fc.record({
          toolUseId: fc.string(),
          name: fc.constantFrom('look', 'give_answer', ''),
        }),
      }),
      fc.jsonValue({ maxDepth: 2 }),
    ),
    delta: fc.oneof(
      fc.record({ text: fc.string() }),
      fc.record({ toolUse: fc.record({ input: fc.string() }) }),
      fc.record({ reasoningContent: fc.record({ text: fc.string() }) }),
      fc.record({ reasoningContent: fc.record({ signature: fc.string() }) }),
      fc.jsonValue({ maxDepth: 2 }),
    ),
    stopReason: fc.constantFrom('end_turn', 'tool_use', 'malformed_tool_use', 'odd'),
    usage: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: [] },
)
const frame = fc
  .tuple(
    fc.constantFrom(
      'messageStart',
      'contentBlockStart',
      'contentBlockDelta',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
      'odd',
    ),
    payload,
  )
  .map(([name, value]) => ({ [name]: value }))

describe('any stream', () => {
  test('is told in the order that was promised', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 20 }),
        wishes,
        model,
        fc.boolean(),
        (frames, wish, to, isClosed) => {
          const events = eventsOf(frames, source(wish, to), isClosed)
          const kinds = events.map(({ kind }) => kind)
          const at = (kind: string) => kinds.indexOf(kind as (typeof kinds)[number])
          if (frames.length > 0) expect(at('start')).toBe(0)
          expect(kinds.filter((kind) => kind === 'start').length).toBeLessThanOrEqual(1)
          for (const last of ['end', 'error']) {
            if (at(last) !== -1) expect(at(last)).toBe(kinds.length - 1)
          }
          if (at('end') !== -1) expect(kinds.slice(-2)).toEqual(['finish', 'end'])
          let begun = 0
          const open = new Set<number>()
          for (const event of events) {
            if (event.kind === 'tool-call') {
              expect(event.call).toBe(begun++)
              open.add(event.call)
            }
            if (event.kind === 'tool-arguments') expect(open).toContain(event.call)
            if (event.kind === 'tool-call-end') expect(open.delete(event.call)).toBe(true)
          }
          if (at('end') !== -1) expect([...open]).toEqual([])
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('any answer is read, or refused as none', () => {
  const body = fc.oneof(
    fc.object({ maxDepth: 3 }),
    fc.record({
      output: fc.record({
        message: fc.record({
          content: fc.array(
            fc.oneof(
              payload,
              fc.object({
                key: fc.constantFrom(
                  'text',
                  'toolUse',
                  'reasoningContent',
                  'name',
                  'input',
                  'reasoningText',
                ),
              }),
            ),
          ),
        }),
      }),
      stopReason: fc.jsonValue({ maxDepth: 0 }),
    }),
  ) as fc.Arbitrary<Record<string, unknown>>
  fc.assert(
    fc.property(body, model, (value, to) => {
      try {
        bedrockConverseUpstream.decodeAnswer(value, source({}, to))
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError)
      }
    }),
    { numRuns: 300 },
  )
})
