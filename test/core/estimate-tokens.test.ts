import { describe, expect, test } from 'vitest'
import type { ChatRequest, UserPart } from '../../src/core/chat.ts'
import { estimateInputTokens } from '../../src/core/estimate-tokens.ts'

const NOTHING: ChatRequest = { messages: [], tools: [], stop: [], stream: false, rest: {} }
const user = (...content: UserPart[]) => ({ role: 'user' as const, content })
const estimate = (members: Partial<ChatRequest>) => estimateInputTokens({ ...NOTHING, ...members })
const ofPart = (part: UserPart) =>
  estimate({ messages: [user(part)] }) - estimate({ messages: [user()] })
const data = (mediaType: string, length: number) => ({
  kind: 'data' as const,
  mediaType,
  data: 'A'.repeat(length),
})

test('nothing is nothing', () => {
  expect(estimate({})).toBe(0)
})

test.each<[string, UserPart, number]>([
  ['English', { kind: 'text', text: 'abcd'.repeat(100) }, 100],
  ['Chinese', { kind: 'text', text: '中'.repeat(100) }, 75],
  ['accents', { kind: 'text', text: 'é'.repeat(100) }, 50],
  ['emoji', { kind: 'text', text: '😀'.repeat(100) }, 100],
  ['a picture', { kind: 'image', source: { kind: 'url', url: 'https://x.example' } }, 1500],
  ['a file as text', { kind: 'file', source: { kind: 'text', text: 'abcd'.repeat(100) } }, 100],
  ['a file of text', { kind: 'file', source: data('text/plain', 1600) }, 300],
  ['a short PDF', { kind: 'file', source: data('application/pdf', 10) }, 1500],
  ['a long PDF', { kind: 'file', source: data('application/pdf', 250_000) }, 4500],
  ['a file elsewhere', { kind: 'file', source: { kind: 'file', id: 'f' } }, 1500],
  ['audio', { kind: 'audio', data: 'A'.repeat(20_000), format: 'mp3' }, 10],
])('%s', (_, part, tokens) => {
  expect(ofPart(part)).toBe(tokens)
})

describe('all that is said counts', () => {
  const long = 'abcd'.repeat(100)
  test.each<[string, Partial<ChatRequest>]>([
    ['system', { messages: [{ role: 'system', content: [{ kind: 'text', text: long }] }] }],
    [
      'reasoning',
      { messages: [{ role: 'assistant', content: [{ kind: 'reasoning', text: long }] }] },
    ],
    [
      'a refusal',
      { messages: [{ role: 'assistant', content: [{ kind: 'refusal', text: long }] }] },
    ],
    [
      'a call',
      {
        messages: [
          {
            role: 'assistant',
            content: [{ kind: 'tool-call', id: 'c', name: 'f', arguments: `{"a":"${long}"}` }],
          },
        ],
      },
    ],
    [
      'a result',
      { messages: [{ role: 'tool', callId: 'c', content: [{ kind: 'text', text: long }] }] },
    ],
    ['a tool', { tools: [{ name: 'f', description: long }] }],
    [
      'a grammar',
      { tools: [{ name: 'f', isFreeform: true, grammar: { syntax: 'lark', definition: long } }] },
    ],
    ['a schema', { tools: [{ name: 'f', parameters: { description: long } }] }],
    [
      'an output format',
      { outputFormat: { kind: 'json-schema', name: 'a', schema: { description: long } } },
    ],
  ])('%s', (_, members) => {
    expect(estimate(members)).toBeGreaterThanOrEqual(100)
    expect(estimate(members)).toBeLessThan(160)
  })
})

test('a conversation that goes on only grows', () => {
  const messages = Array.from({ length: 5 }, () => user({ kind: 'text', text: '' }))
  const counts = messages.map((_, index) => estimate({ messages: messages.slice(0, index) }))
  expect(counts).toEqual([0, 4, 8, 12, 16])
})
