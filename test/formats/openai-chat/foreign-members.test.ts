import { expect, test } from 'vitest'
import { packToolCallId } from '../../../src/core/tool-call-id.ts'
import { withoutForeignMembers } from '../../../src/formats/openai-chat/foreign-members.ts'

const user = { role: 'user', content: 'Hello' }
const said = { role: 'assistant', content: 'Hi', refusal: null }
const calling = (...ids: string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
})
const result = (tool_call_id: string) => ({ role: 'tool', tool_call_id, content: 'x' })
const proof = { family: 'gemini', kind: 'signature', value: 'CiQ'.repeat(40) } as const
const LONG = packToolCallId({ id: 'call_1', proof })

test.each([
  { reasoning_content: 'Hm.' },
  { reasoning: 'Hm.' },
  { reasoning_content: 'Hm.', thinking_blocks: [{ type: 'thinking', thinking: 'Hm.' }] },
  { thinking_blocks: [] },
])('reasoning of another model is left out: %j', (reasoning) => {
  const messages = [user, { ...said, ...reasoning }, user]
  expect(withoutForeignMembers({ messages })).toEqual([user, said, user])
})

test('calls and results keep their ids without what these carried along', () => {
  const messages = [user, calling(LONG, 'call_2'), result('call_2'), result(LONG)]
  expect(withoutForeignMembers({ messages })).toEqual([
    user,
    calling('call_1', 'call_2'),
    result('call_2'),
    result('call_1'),
  ])
})

test('ids that are too long by themselves become short ones of their own', () => {
  const ids = ['a', 'b'].map((end) => 'call_'.padEnd(80, 'x') + end)
  const [turn] = withoutForeignMembers({ messages: [calling(...ids)] }) ?? []
  const short = (turn as ReturnType<typeof calling>).tool_calls.map(({ id }) => id)
  expect(new Set(short).size).toBe(2)
  for (const id of short) expect(id.length).toBeLessThanOrEqual(40)
})

test('a conversation is changed as its beginning was', () => {
  const messages = [
    user,
    { ...said, reasoning_content: 'a' },
    user,
    calling(LONG),
    result(LONG),
    user,
  ]
  const whole = withoutForeignMembers({ messages }) ?? []
  for (const end of [2, 3, 4, 5, 6]) {
    const part = withoutForeignMembers({ messages: messages.slice(0, end) })
    expect(part).toEqual(whole.slice(0, end))
  }
})

test.each<unknown>([
  undefined,
  'Hello',
  [],
  [null, 'x', {}],
  [user, said, calling('call_1'), result('call_1')],
  [{ ...user, reasoning_content: 'of a user' }],
  [calling('x'.repeat(40)), result('x'.repeat(40))],
])('there is nothing to change in %j', (messages) => {
  expect(withoutForeignMembers({ messages })).toBeUndefined()
})
