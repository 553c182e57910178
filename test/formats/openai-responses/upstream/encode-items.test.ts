import { describe, expect, test } from 'vitest'
import type {
  AssistantPart,
  ChatMessage,
  ReasoningProof,
  UserPart,
} from '../../../../src/core/chat.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { xaiResponsesProfile } from '../../../../src/providers/models/openai-responses.ts'
import { responsesBody } from '../../../upstreams/dialects/openai-responses-body.ts'
import { encode, user } from './source.ts'

const text = (value: string): Extract<AssistantPart, { kind: 'text' }> => ({
  kind: 'text',
  text: value,
})
const call = (id: string, name = 'f'): AssistantPart => ({
  kind: 'tool-call',
  id,
  name,
  arguments: '{"input":"x"}',
})
const result = (callId: string, ...content: UserPart[]): ChatMessage => ({
  role: 'tool',
  callId,
  content,
})
const thought = (value: string, family: ReasoningProof['family'] = 'gpt'): AssistantPart => ({
  kind: 'reasoning',
  text: value,
  proof: { family, kind: 'encrypted', value: 'gAAA' },
})
const inputOf = (messages: readonly ChatMessage[]): readonly JsonObject[] => {
  const { body } = encode({
    messages,
    tools: [{ name: 'f' }, { name: 'patch', isFreeform: true }],
  })
  return body['input'] as readonly JsonObject[]
}

test('instructions stay where they were said', () => {
  const system: ChatMessage = { role: 'system', content: [text('s')] }
  expect(inputOf([system, user('a'), system])).toMatchObject([
    { role: 'developer', content: [{ type: 'input_text', text: 's' }] },
    { role: 'user' },
    { role: 'developer' },
  ])
  const { body } = encode({ messages: [system] }, xaiResponsesProfile('grok-4.7'))
  expect(body['input']).toMatchObject([{ role: 'system' }])
})

const breakpoint = { mode: 'explicit' }
const here = { cache: { breakpoint } }
const mark = { prompt_cache_breakpoint: breakpoint }

test('OpenAI’s own cache marks stay on their parts, and are told of where there is no place for them', () => {
  const url = { kind: 'url', url: 'https://a.example/b' } as const
  const { body, warnings } = encode({
    messages: [
      { role: 'system', content: [{ ...text('s'), ...here }] },
      {
        role: 'user',
        content: [
          { ...text('a'), cache: { ttl: '1h' } },
          { kind: 'image', source: url, ...here },
          { kind: 'file', source: { kind: 'text', text: 'b' }, ...here },
        ],
      },
      { role: 'assistant', content: [call('c')] },
      result('c', text('d'), { ...text('e'), ...here }),
      { role: 'assistant', content: [{ ...text('f'), ...here }] },
    ],
    tools: [{ name: 'f' }],
  })
  expect(responsesBody.safeParse({ ...body, model: 'gpt-5.6-sol' }).error).toBeUndefined()
  expect(body['input']).toMatchObject([
    { content: [mark] },
    { content: [{ type: 'input_text', text: 'a' }, { type: 'input_image', ...mark }, mark] },
    { type: 'function_call' },
    { output: [{ text: 'd' }, { text: 'e', ...mark }] },
    { content: [{ type: 'output_text', text: 'f' }] },
  ])
  expect(JSON.stringify(body).split('prompt_cache_breakpoint')).toHaveLength(5)
  expect(warnings).toEqual(['prompt_cache_breakpoint:dropped'])
})

test.each<[UserPart, JsonObject]>([
  [text('a'), { type: 'input_text', text: 'a' }],
  [
    { kind: 'image', source: { kind: 'url', url: 'https://a.example/b' } },
    { type: 'input_image', detail: 'auto', image_url: 'https://a.example/b' },
  ],
  [
    {
      kind: 'image',
      source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' },
      detail: 'high',
    },
    { type: 'input_image', detail: 'high', image_url: 'data:image/png;base64,AAAA' },
  ],
  [
    { kind: 'image', source: { kind: 'file', id: 'file_1' } },
    { type: 'input_image', detail: 'auto', file_id: 'file_1' },
  ],
  [
    { kind: 'file', source: { kind: 'data', mediaType: 'application/pdf', data: 'AAAA' } },
    { type: 'input_file', filename: 'file', file_data: 'data:application/pdf;base64,AAAA' },
  ],
  [
    { kind: 'file', source: { kind: 'url', url: 'https://a.example/b.pdf' }, name: 'b' },
    { type: 'input_file', file_url: 'https://a.example/b.pdf' },
  ],
  [
    { kind: 'file', source: { kind: 'file', id: 'file_1' } },
    { type: 'input_file', file_id: 'file_1' },
  ],
  [
    { kind: 'file', source: { kind: 'text', text: 'body' }, name: 'a.txt' },
    { type: 'input_text', text: 'a.txt:\nbody' },
  ],
])('a part: %j', (part, expected) => {
  const input = inputOf([{ role: 'user', content: [part] }])
  expect(input).toEqual([{ role: 'user', content: [expected] }])
  expect(responsesBody.safeParse({ model: 'm', input })).toMatchObject({ success: true })
})

test('files with their data go only where they are taken', () => {
  const file: UserPart = {
    kind: 'file',
    source: { kind: 'data', mediaType: 'application/pdf', data: 'AAAA' },
  }
  const members = { messages: [{ role: 'user' as const, content: [text('a'), file] }] }
  const profile = xaiResponsesProfile('grok-4.7')
  expect(() => encode(members, profile)).toThrow(
    expect.objectContaining({ code: 'unsupported_parameter', details: { param: 'file' } }),
  )
  const { body } = encode(members, profile, 'lenient')
  expect(body['input']).toMatchObject([{ content: [{ text: 'a' }] }])
})

test('#23 what says nothing is left out', () => {
  expect(inputOf([user(''), { role: 'assistant', content: [text('')] }, user('a')])).toHaveLength(1)
})

describe('turns of the assistant', () => {
  test('#20 #21 calls, then their results in the order of the calls, then the user', () => {
    const input = inputOf([
      user('go'),
      { role: 'assistant', content: [text('I look.'), call('a'), call('b', 'patch')] },
      result('b', text('2')),
      result('a', text('1'), text('more')),
      user('thanks'),
    ])
    expect(input.slice(1, -1)).toEqual([
      { role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] },
      { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"input":"x"}' },
      { type: 'custom_tool_call', call_id: 'b', name: 'patch', input: 'x' },
      { type: 'function_call_output', call_id: 'a', output: '1\n\nmore' },
      { type: 'custom_tool_call_output', call_id: 'b', output: '2' },
    ])
  })

  test('a result of a call that failed says so', () => {
    const failed = (id: string, ...content: readonly UserPart[]): ChatMessage => ({
      role: 'tool',
      callId: id,
      content,
      isError: true,
    })
    const input = inputOf([
      user('go'),
      { role: 'assistant', content: [call('a'), call('b'), call('c')] },
      failed('a', text('no such file'), text('at all')),
      failed('b', text('error 7')),
      failed('c'),
    ])
    expect(input.slice(4).map(({ output }) => output)).toEqual([
      'Error: no such file\n\nat all',
      'error 7',
      'Error: the tool failed.',
    ])
  })

  test('results with images are parts', () => {
    const image: UserPart = { kind: 'image', source: { kind: 'url', url: 'https://a.example/b' } }
    const input = inputOf([
      { role: 'assistant', content: [call('a')] },
      result('a', text('1'), image),
    ])
    expect(input[1]).toMatchObject({ output: [{ type: 'input_text' }, { type: 'input_image' }] })
  })

  test('an id that occurs again gets one of its own', () => {
    const turn: ChatMessage[] = [
      { role: 'assistant', content: [call('call_0')] },
      result('call_0', text('1')),
    ]
    const ids = inputOf([...turn, ...turn]).map(({ call_id }) => call_id)
    expect(ids[0]).toBe('call_0')
    expect(ids[1]).toBe('call_0')
    expect(ids[2]).not.toBe('call_0')
    expect(ids[3]).toBe(ids[2])
  })

  test.each([
    ['a call', [{ role: 'assistant', content: [call('a')] }]],
    ['a result', [result('a', text('1'))]],
  ] as [string, ChatMessage[]][])('%s alone is a mistake', (_, messages) => {
    expect(() => inputOf(messages)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  test('refusals are parts of messages', () => {
    const parts: AssistantPart[] = [text('a'), { kind: 'refusal', text: 'no' }]
    expect(inputOf([{ role: 'assistant', content: parts }])).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'a' },
          { type: 'refusal', refusal: 'no' },
        ],
      },
    ])
  })
})

describe('reasoning', () => {
  const kinds = (content: readonly AssistantPart[]): unknown[] =>
    inputOf([
      { role: 'assistant', content },
      ...content.flatMap((part) => (part.kind === 'tool-call' ? [result(part.id)] : [])),
    ])
      .map(({ type, role }) => type ?? role)
      .filter((kind) => kind !== 'function_call_output')

  test('goes before the item that it led to', () => {
    expect(inputOf([{ role: 'assistant', content: [thought('hm'), text('a')] }])[0]).toEqual({
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: 'gAAA',
    })
    expect(kinds([thought(''), text('a'), thought(''), call('c')])).toEqual([
      'reasoning',
      'assistant',
      'reasoning',
      'function_call',
    ])
  })

  test('does not go without one', () => {
    expect(kinds([text('a'), thought('')])).toEqual(['assistant'])
    expect(kinds([thought('')])).toEqual([])
  })

  test("another model's stays behind, and what it stood between is one message", () => {
    const foreign: AssistantPart[] = [
      thought('', 'claude'),
      thought('', 'grok'),
      { kind: 'reasoning', text: 'hm' },
      { kind: 'reasoning', text: '', proof: { family: 'gpt', kind: 'signature', value: 'x' } },
    ]
    expect(inputOf([{ role: 'assistant', content: [text('a'), ...foreign, text('b')] }])).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'a' },
          { type: 'output_text', text: 'b' },
        ],
      },
    ])
  })

  test('of Grok goes to Grok alone', () => {
    const messages: ChatMessage[] = [
      { role: 'assistant', content: [thought('', 'grok'), thought('', 'gpt'), text('a')] },
    ]
    const { body } = encode({ messages }, xaiResponsesProfile('grok-4.7'))
    expect(body['input']).toMatchObject([{ type: 'reasoning' }, { role: 'assistant' }])
  })
})
