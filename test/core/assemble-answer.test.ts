import { describe, expect, test } from 'vitest'
import { assembleAnswer } from '../../src/core/assemble-answer.ts'
import type { ChatEvent } from '../../src/core/chat-events.ts'
import type { ChatAnswer } from '../../src/core/chat.ts'

const start: ChatEvent = { kind: 'start' }
const finish: ChatEvent = { kind: 'finish', finish: { reason: 'stop' } }
const end: ChatEvent = { kind: 'end' }
const signature = (value: string) => ({ family: 'claude', kind: 'signature', value }) as const

function answerOf(...events: ChatEvent[]): ChatAnswer | undefined {
  const assembly = assembleAnswer()
  for (const event of events) assembly.next(event)
  return assembly.answer()
}

const contentOf = (...events: ChatEvent[]) => answerOf(start, ...events, finish, end)?.content

describe('content', () => {
  test.each<[string, ChatEvent[], ChatAnswer['content']]>([
    ['nothing', [], []],
    [
      'text in pieces',
      [
        { kind: 'text', text: 'a' },
        { kind: 'ping' },
        { kind: 'text', text: '' },
        { kind: 'text', text: 'b' },
      ],
      [{ kind: 'text', text: 'ab' }],
    ],
    ['empty text alone', [{ kind: 'text', text: '' }], []],
    ['empty reasoning alone', [{ kind: 'reasoning', text: '' }], []],
    [
      'a refusal behind text',
      [
        { kind: 'text', text: 'a' },
        { kind: 'refusal', text: 'n' },
        { kind: 'refusal', text: 'o' },
      ],
      [
        { kind: 'text', text: 'a' },
        { kind: 'refusal', text: 'no' },
      ],
    ],
    [
      '#13 reasoning, each ended by its proof, one of them without a word',
      [
        { kind: 'reasoning', text: 'h' },
        { kind: 'reasoning', text: 'm' },
        { kind: 'reasoning-proof', proof: signature('1') },
        { kind: 'reasoning-proof', proof: signature('2') },
        { kind: 'reasoning', text: 'so' },
        { kind: 'text', text: 'a' },
        { kind: 'reasoning', text: 'again' },
      ],
      [
        { kind: 'reasoning', text: 'hm', proof: signature('1') },
        { kind: 'reasoning', text: '', proof: signature('2') },
        { kind: 'reasoning', text: 'so' },
        { kind: 'text', text: 'a' },
        { kind: 'reasoning', text: 'again' },
      ],
    ],
    [
      'two calls whose arguments come by turns',
      [
        { kind: 'text', text: 'a' },
        { kind: 'tool-call', call: 0, id: 'c0', name: 'f' },
        { kind: 'tool-arguments', call: 0, text: '{"a"' },
        { kind: 'tool-call', call: 1, id: 'c1', name: 'g', proof: signature('1') },
        { kind: 'tool-arguments', call: 1, text: '{}' },
        { kind: 'tool-arguments', call: 0, text: ':1}' },
        { kind: 'tool-call-end', call: 0 },
        { kind: 'tool-call-end', call: 1 },
        { kind: 'text', text: 'b' },
      ],
      [
        { kind: 'text', text: 'a' },
        { kind: 'tool-call', id: 'c0', name: 'f', arguments: '{"a":1}' },
        { kind: 'tool-call', id: 'c1', name: 'g', arguments: '{}', proof: signature('1') },
        { kind: 'text', text: 'b' },
      ],
    ],
  ])('%s', (_, events, content) => {
    expect(contentOf(...events)).toEqual(content)
  })
})

test('what is known of an answer is told with it; the last usage counts', () => {
  expect(
    answerOf(
      { kind: 'start', id: 'i', model: 'm', usage: { inputTokens: 1 } },
      { kind: 'usage', usage: { inputTokens: 2, outputTokens: 3 } },
      { kind: 'finish', finish: { reason: 'stop-sequence', stopSequence: 'x' } },
      end,
    ),
  ).toEqual({
    id: 'i',
    model: 'm',
    content: [],
    finish: { reason: 'stop-sequence', stopSequence: 'x' },
    usage: { inputTokens: 2, outputTokens: 3 },
  })
  expect(answerOf({ kind: 'start', usage: { inputTokens: 1 } }, finish, end)?.usage).toEqual({
    inputTokens: 1,
  })
})

test.each<[string, ChatEvent[]]>([
  ['nothing came', []],
  ['the end is missing', [start, finish]],
  ['nobody said why it ended', [start, { kind: 'text', text: 'a' }, end]],
  ['it ended in an error', [start, finish, { kind: 'error', error: { message: 'oh' } }]],
])('#12 there is no whole answer where %s', (_, events) => {
  expect(answerOf(...events)).toBeUndefined()
})
