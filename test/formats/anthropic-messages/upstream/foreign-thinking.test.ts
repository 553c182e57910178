import { describe, expect, test } from 'vitest'
import { withoutForeignThinking } from '../../../../src/formats/anthropic-messages/foreign-thinking.ts'

const user = (content: unknown) => ({ role: 'user', content })
const assistant = (...content: unknown[]) => ({ role: 'assistant', content })
const text = { type: 'text', text: 'Hi' }
const own = { type: 'thinking', thinking: '', signature: 'EqQB' }
const ownSealed = { type: 'redacted_thinking', data: 'EmwK' }
const call = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }

const FOREIGN = [
  { type: 'thinking', thinking: 'Hm.', signature: '' },
  { type: 'thinking', thinking: 'Hm.' },
  { type: 'thinking', thinking: 'Hm.', signature: null },
  { type: 'thinking', thinking: '', signature: 'kwproof.gemini.CiQ' },
  { type: 'redacted_thinking', data: 'kwproof.gpt.gAAAA' },
  { type: 'redacted_thinking', data: '' },
]

describe.each(FOREIGN)('%j', (foreign) => {
  test('is left out, and nothing else', () => {
    const messages = [user('Hello'), assistant(own, ownSealed, foreign, text), user('Go on')]
    expect(withoutForeignThinking({ messages })?.messages).toEqual([
      user('Hello'),
      assistant(own, ownSealed, text),
      user('Go on'),
    ])
  })

  test('takes a message with nothing else in it along', () => {
    const messages = [user('Hello'), assistant(foreign), user('Go on')]
    expect(withoutForeignThinking({ messages })?.messages).toEqual([user('Hello'), user('Go on')])
  })

  test('of a user is nobody’s thinking', () => {
    expect(withoutForeignThinking({ messages: [user([foreign, text])] })).toBeUndefined()
  })
})

test.each<unknown>([
  undefined,
  'Hello',
  [],
  [null, 'x', { role: 'assistant' }, { role: 'assistant', content: 'Hi' }],
  [user('Hello'), assistant(own, ownSealed, text), user('Go on')],
  [user('Hello'), assistant(null, 'x', { type: 'thought' })],
])('there is nothing to leave out of %j', (messages) => {
  expect(withoutForeignThinking({ messages })).toBeUndefined()
})

test('the messages of a conversation begin those of the conversation as it goes on', () => {
  const messages = FOREIGN.flatMap((foreign) => [user('Hello'), assistant(foreign, text)])
  for (const end of messages.keys()) {
    const before = withoutForeignThinking({ messages: messages.slice(0, end) })?.messages ?? []
    const after = withoutForeignThinking({ messages })?.messages ?? []
    if (end > 1) expect(after.slice(0, before.length)).toEqual(before)
  }
})

describe('a budget to think with', () => {
  const foreign = FOREIGN[0]
  test.each([
    ['is taken at the head of a turn', [user('a'), assistant(foreign, text), user('b')], false],
    [
      'is refused amid a turn that began without a thought',
      [user('a'), assistant(foreign, call), user([result])],
      true,
    ],
    [
      'is refused amid such a turn that the system interrupts',
      [
        user('a'),
        assistant(foreign, call),
        user([result]),
        { role: 'system', content: 'Be brief.' },
      ],
      true,
    ],
    [
      'is refused where only a later call was thought about',
      [user('a'), assistant(foreign, call), user([result]), assistant(own, call), user([result])],
      true,
    ],
    [
      'is taken amid a turn that began with a thought',
      [user('a'), assistant(own, foreign, call), user([result])],
      false,
    ],
    [
      'is taken in a turn behind one without',
      [user('a'), assistant(foreign, text), user('b'), assistant(own, call), user([result])],
      false,
    ],
  ])('%s', (_, messages, expected) => {
    expect(withoutForeignThinking({ messages })?.forbidsBudget).toBe(expected)
  })
})
