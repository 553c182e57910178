import { expect, test } from 'vitest'
import type { ReasoningPart } from '../../../src/core/chat.ts'
import { packToolCallId } from '../../../src/core/tool-call-id.ts'
import {
  isNotOpenAiEncryption,
  isOpenAiEncryption,
  withoutForeignItems,
} from '../../../src/formats/openai-responses/foreign-items.ts'
import { packReasoning } from '../../../src/formats/openai-responses/reasoning-item.ts'

const user = { role: 'user', content: 'Hello' }
const thought = (encrypted_content: unknown, more: object = {}) => ({
  type: 'reasoning',
  summary: [],
  encrypted_content,
  ...more,
})
const call = (call_id: string) => ({ type: 'function_call', call_id, name: 'f', arguments: '{}' })
const result = (call_id: string, type = 'function_call_output') => ({ type, call_id, output: 'x' })

const proof = { family: 'gemini', kind: 'signature', value: 'CiQ'.repeat(40) } as const
const LONG = packToolCallId({ id: 'call_1', proof })

test.each<ReasoningPart>([
  { kind: 'reasoning', text: 'Hm.' },
  { kind: 'reasoning', text: 'Hm.', proof },
  { kind: 'reasoning', text: '', proof: { family: 'claude', kind: 'encrypted', value: 'EmwK' } },
  { kind: 'reasoning', text: '', proof: { family: 'grok', kind: 'encrypted', value: 'x' } },
])('reasoning of another model is left out: %j', (part) => {
  const own = thought('gAAAAAB')
  const input = [user, thought(packReasoning(part)), own, call('call_0'), result('call_0')]
  expect(withoutForeignItems({ input }, isOpenAiEncryption)).toEqual([
    user,
    own,
    call('call_0'),
    result('call_0'),
  ])
})

test('reasoning that OpenAI encrypted goes to OpenAI alone, and that of others never', () => {
  const mine = thought('gAAAAABnq-')
  const theirs = thought('RKAa4R1Y/QE=')
  const input = [user, mine, theirs, thought(''), thought(null)]
  expect(withoutForeignItems({ input }, isOpenAiEncryption)).toEqual(input.toSpliced(2, 1))
  expect(withoutForeignItems({ input }, isNotOpenAiEncryption)).toEqual(input.toSpliced(1, 1))
})

test('calls and results keep their ids without what these carried along', () => {
  const patch = result(LONG, 'custom_tool_call_output')
  const input = [user, call(LONG), result(LONG), patch, call('call_2'), result('call_2')]
  expect(withoutForeignItems({ input }, isOpenAiEncryption)).toEqual([
    user,
    call('call_1'),
    result('call_1'),
    { ...patch, call_id: 'call_1' },
    call('call_2'),
    result('call_2'),
  ])
})

test('an id that is too long by itself becomes a short one of its own', () => {
  const ids = ['a', 'b'].map((end) => 'call_'.padEnd(80, 'x') + end)
  const short = (withoutForeignItems({ input: ids.map(call) }, isOpenAiEncryption) ?? []).map(
    (item) => (item as { call_id: string }).call_id,
  )
  expect(new Set(short).size).toBe(2)
  for (const id of short) expect(id).toMatch(/^[\w-]{1,64}$/)
})

test.each<unknown>([
  undefined,
  'Hello',
  [],
  [null, 'x', {}],
  [user, thought('gAAAAAB', { id: 'rs_1' }), call('call_0'), result('call_0')],
  [thought(null), thought(undefined), { type: 'item_reference', id: 'rs_1' }],
  [call('x'.repeat(64))],
  [{ role: 'user', content: [{ type: 'input_text', text: 'kwreason.x' }] }],
])('there is nothing to change in %j', (input) => {
  expect(withoutForeignItems({ input }, isOpenAiEncryption)).toBeUndefined()
})
