import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChatRequest } from '../../../src/core/chat.ts'
import { type CompatMode, COMPAT_MODES } from '../../../src/core/compat.ts'
import { GatewayError } from '../../../src/core/errors.ts'
import { checkGeminiRules } from '../../upstreams/dialects/gemini-rules.ts'
import { anyMessages, conversation, wishes } from './arbitrary.ts'
import { contentsOf, encode, request } from './fixtures.ts'

const MODELS = [
  'gemini-1.5-pro',
  'gemini-2.0-flash',
  'gemini-2.5-flash',
  'gemini-2.5-pro',
  'gemini-3-pro-preview',
  'gemini-3.5-flash',
  'gemini-3.7-flash',
  'gemini-4-argon',
]
const model = fc.constantFrom(...MODELS)
const mode = fc.constantFrom<CompatMode>('lenient', ...COMPAT_MODES)
/** Half of them would be said by nobody. */
const someMessages = fc.oneof(
  anyMessages,
  conversation.map(({ messages }) => messages),
)

/** Whether Google takes the body; false where the request was refused, with words for the caller. */
function isTaken(members: Partial<ChatRequest>, of: string, how: CompatMode): boolean {
  try {
    // Signatures here are Google's own, so it notices one that is not given back as it was.
    checkGeminiRules(encode(members, of, how).body, of)
    return true
  } catch (error) {
    // Anything else, the stand-in's complaints included, is a fault.
    if (!(error instanceof GatewayError)) throw error
    expect(error.status).toBe(400)
    return false
  }
}

describe('whatever is asked', () => {
  test('Google takes the body, or the caller is told why there is none', () => {
    let taken = 0
    fc.assert(
      fc.property(someMessages, wishes, model, mode, (messages, wished, of, how) => {
        if (isTaken({ ...wished, messages }, of, how)) taken++
      }),
      { numRuns: 1500 },
    )
    // So that it is not refused for some other reason all the time.
    expect(taken).toBeGreaterThan(100)
  })

  test('a conversation that makes sense is taken by those who put up with losses', () => {
    fc.assert(
      fc.property(conversation, model, ({ messages }, of) => {
        expect(isTaken({ messages }, of, 'lenient')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('the request itself stays as it was', () => {
    fc.assert(
      fc.property(conversation, wishes, model, ({ messages }, wished, of) => {
        const asked = request({ ...wished, messages })
        const before = JSON.stringify(asked)
        isTaken(asked, of, 'lenient')
        expect(JSON.stringify(asked)).toBe(before)
      }),
      { numRuns: 200 },
    )
  })
})

describe('#30 a conversation that goes on', () => {
  test('keeps the contents that it had, to the letter', () => {
    fc.assert(
      fc.property(conversation, model, ({ messages, continued }, of) => {
        const before = encode({ messages }, of, 'lenient').body
        const after = encode({ messages: continued }, of, 'lenient').body
        expect(after.contents.length).toBeGreaterThan(before.contents.length)
        expect(JSON.stringify(after.contents.slice(0, before.contents.length))).toBe(
          JSON.stringify(before.contents),
        )
        expect(after.systemInstruction).toEqual(before.systemInstruction)
      }),
      { numRuns: 500 },
    )
  })

  test('the same request is translated the same way, always', () => {
    fc.assert(
      fc.property(conversation, ({ messages }) => {
        const lenient = () => JSON.stringify(encode({ messages }, undefined, 'lenient').body)
        expect(lenient()).toBe(lenient())
      }),
      { numRuns: 100 },
    )
  })
})

test('#21 in every turn, as many results as calls', () => {
  fc.assert(
    fc.property(conversation, ({ continued }) => {
      const contents = encode({ messages: continued }, undefined, 'lenient').body.contents
      const ids = (kind: 'functionCall' | 'functionResponse', at: number) =>
        contents[at]?.parts.flatMap((part) => (part[kind] ? [part[kind].id] : [])) ?? []
      for (const [index, { role }] of contents.entries()) {
        if (role === 'model')
          expect(ids('functionResponse', index + 1)).toEqual(ids('functionCall', index))
      }
    }),
    { numRuns: 300 },
  )
  expect(contentsOf({})).toHaveLength(1)
})
