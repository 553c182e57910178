import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conversationOpening } from '../../src/core/conversation-opening.ts'
import type { JsonObject } from '../../src/core/parse.ts'

type Turn = { readonly role: string; readonly content: unknown }

/** The same conversation as a body of each of the callers' formats: instructions, and what was said in turns. */
const FORMATS: readonly (readonly [
  string,
  (rules: string, turns: readonly Turn[]) => JsonObject,
])[] = [
  [
    'chat completions',
    (rules, turns) => ({ messages: [{ role: 'system', content: rules }, ...turns] }),
  ],
  [
    'chat completions with a developer',
    (rules, turns) => ({ messages: [{ role: 'developer', content: rules }, ...turns] }),
  ],
  ['messages', (rules, turns) => ({ system: rules, messages: turns })],
  [
    'messages with blocks',
    (rules, turns) => ({
      system: [{ type: 'text', text: rules, cache_control: { type: 'ephemeral' } }],
      messages: turns,
    }),
  ],
  ['responses', (rules, turns) => ({ instructions: rules, input: turns })],
]

const user = (content: unknown): Turn => ({ role: 'user', content })
const said = fc.array(
  fc.record({ role: fc.constantFrom('user', 'assistant', 'tool'), content: fc.string() }),
)

describe.each(FORMATS)('the opening of %s', (_, body) => {
  const opening = (rules: string, ...turns: readonly Turn[]): string | undefined =>
    conversationOpening(body(rules, turns))

  test('is the same whatever comes behind the first answer', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), said, (rules, first, more) => {
        const turns = [user(first), { role: 'assistant', content: 'an answer' }, ...more]
        expect(opening(rules, ...turns)).toBe(opening(rules, user(first)))
      }),
    )
  })

  test('is another for other instructions, and another first turn', () => {
    const own = opening('be brief', user('Hello'))
    expect(opening('be kind', user('Hello'))).not.toBe(own)
    expect(opening('be brief', user('Hallo'))).not.toBe(own)
    expect(opening('be brief', user('Hello'), user('there'))).not.toBe(own)
  })

  test('takes no heed of parts and of cache marks', () => {
    const own = opening('be brief', user('Hello'))
    for (const type of ['text', 'input_text']) {
      const marked = { type, text: 'Hello', cache_control: { type: 'ephemeral', ttl: '1h' } }
      expect(opening('be brief', user([marked]))).toBe(own)
    }
  })

  test('tells long texts apart by both their ends, and images by what they show', () => {
    const long = 'a'.repeat(100_000)
    const texts = [long, `${long}a`, `b${long.slice(1)}`, `${long.slice(1)}b`]
    const images = ['aaaa', 'bbbb'].map((data) => [
      { type: 'text', text: 'What is it?' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
    ])
    const links = ['https://a.example/', 'https://b.example/'].map((url) => [
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url } },
    ])
    const all = [...texts, ...images, ...links].map((content) => opening('', user(content)))
    expect(new Set(all).size).toBe(all.length)
  })

  test('stays short, and tells one question behind a large beginning from another', () => {
    const large = Array.from({ length: 200 }, () => 'the same for all'.repeat(1000))
    const ask = (question: string) =>
      opening(
        large.join(' '),
        user(large.map((text) => ({ type: 'text', text }))),
        user([...large.map((text) => ({ type: 'text', text })), { type: 'text', text: question }]),
      ) ?? ''
    expect(ask('one')).not.toBe(ask('two'))
    expect(ask('one').length).toBeLessThan(16 * 1024)
  })
})

test('is the same in whatever format a conversation is held', () => {
  const bodies = FORMATS.map(([, body]) => body('be brief', [user('Hello'), user('there')]))
  expect(new Set(bodies.map(conversationOpening)).size).toBe(1)
})

test('a text as the input of responses is its first turn', () => {
  expect(conversationOpening({ input: 'Hello' })).toBe(
    conversationOpening({ input: [{ role: 'user', content: 'Hello' }] }),
  )
})

test('the note that a coding agent writes anew for each request is no part of it', () => {
  const body = (note: string): JsonObject => ({
    system: [
      { type: 'text', text: `x-anthropic-billing-header: cc_version=2.1; cch=${note};` },
      { type: 'text', text: 'You are an agent.' },
    ],
    messages: [user('Hello')],
  })
  expect(conversationOpening(body('a1b2c'))).toBe(conversationOpening(body('d3e4f')))
})

test('there is none where nothing is said, and nothing that is said can break it', () => {
  expect(conversationOpening({})).toBeUndefined()
  expect(conversationOpening({ messages: [] })).toBeUndefined()
  fc.assert(
    fc.property(fc.object({ maxDepth: 4 }), (body) => {
      expect(() => conversationOpening(body)).not.toThrow()
    }),
  )
})
