import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { messagesOf, refusedPath, decode, warningsOf } from './request.ts'

const call = (id: string, more: JsonObject = {}): JsonObject => ({
  type: 'function_call',
  call_id: id,
  name: 'f',
  arguments: '{"a":1}',
  ...more,
})
const output = (id: string, value: unknown = 'done'): JsonObject => ({
  type: 'function_call_output',
  call_id: id,
  output: value,
})
const said = (value: string): JsonObject => ({ role: 'assistant', content: value })
const rolesOf = (input: readonly JsonObject[]): readonly string[] =>
  messagesOf(input).map(({ role }) => role)

describe('messages', () => {
  test.each<[JsonObject, object]>([
    [
      { role: 'user', content: 'a' },
      { role: 'user', content: [{ kind: 'text', text: 'a' }] },
    ],
    [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'a' }] },
      { role: 'user', content: [{ kind: 'text', text: 'a' }] },
    ],
    [
      { role: 'system', content: 'a' },
      { role: 'system', content: [{ kind: 'text', text: 'a' }] },
    ],
    [
      { role: 'developer', content: [{ type: 'input_text', text: 'a' }] },
      { role: 'system', content: [{ kind: 'text', text: 'a' }] },
    ],
    [said('a'), { role: 'assistant', content: [{ kind: 'text', text: 'a' }] }],
    [
      {
        type: 'message',
        id: 'msg_1',
        status: 'completed',
        phase: 'final_answer',
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'a', annotations: [], logprobs: [] },
          { type: 'refusal', refusal: 'no' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { kind: 'text', text: 'a' },
          { kind: 'refusal', text: 'no' },
        ],
      },
    ],
  ])('%j', (item, message) => {
    expect(messagesOf([item])).toEqual([message])
    expect(warningsOf({ input: [item] }, 'strict')).toEqual([])
  })

  test('#23 empty texts say nothing', () => {
    const empty = [
      { role: 'user', content: '' },
      said(''),
      { role: 'assistant', content: [{ type: 'output_text', text: '' }] },
      { role: 'developer', content: [{ type: 'input_text', text: '' }] },
      { type: 'reasoning', summary: [] },
    ]
    expect(messagesOf([...empty, { role: 'user', content: 'a' }])).toHaveLength(1)
  })
})

describe('parts of messages', () => {
  test.each<[JsonObject, object]>([
    [
      { type: 'input_image', image_url: 'https://a.example/b.png', detail: 'high' },
      { kind: 'image', source: { kind: 'url', url: 'https://a.example/b.png' }, detail: 'high' },
    ],
    [
      { type: 'input_image', image_url: 'data:image/JPG;base64,AAAA', detail: 'auto' },
      { kind: 'image', source: { kind: 'data', mediaType: 'image/jpeg', data: 'AAAA' } },
    ],
    [
      { type: 'input_image', file_id: 'file_1', image_url: null, detail: 'auto' },
      { kind: 'image', source: { kind: 'file', id: 'file_1' } },
    ],
    // #36 What it is counts, not where it stands.
    [
      { type: 'input_image', image_url: 'data:application/pdf;base64,AAAA' },
      { kind: 'file', source: { kind: 'data', mediaType: 'application/pdf', data: 'AAAA' } },
    ],
    [
      { type: 'input_file', file_data: 'data:image/png;base64,AAAA', filename: 'a.png' },
      { kind: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
    ],
    [
      { type: 'input_file', file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' },
      {
        kind: 'file',
        source: { kind: 'data', mediaType: 'application/pdf', data: 'AAAA' },
        name: 'a.pdf',
      },
    ],
    [
      { type: 'input_file', file_data: 'AAAA', filename: 'a.txt' },
      {
        kind: 'file',
        source: { kind: 'data', mediaType: 'text/plain', data: 'AAAA' },
        name: 'a.txt',
      },
    ],
    [
      { type: 'input_file', file_url: 'https://a.example/b.pdf?c' },
      {
        kind: 'file',
        source: { kind: 'url', url: 'https://a.example/b.pdf?c', mediaType: 'application/pdf' },
      },
    ],
    [
      { type: 'input_file', file_id: 'file_1' },
      { kind: 'file', source: { kind: 'file', id: 'file_1' } },
    ],
    [
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
      { kind: 'audio', data: 'AAAA', format: 'wav' },
    ],
    [
      { type: 'input_text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } },
      { kind: 'text', text: 'a', cache: { breakpoint: { mode: 'explicit' } } },
    ],
    [
      { type: 'input_text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } },
      {
        kind: 'text',
        text: 'a',
        cache: { ttl: '1h', breakpoint: { mode: 'explicit', ttl: '12h' } },
      },
    ],
  ])('%j', (part, expected) => {
    expect(messagesOf([{ role: 'user', content: [part] }])[0]?.content).toEqual([expected])
    expect(messagesOf([call('c'), output('c', [part])])[1]?.content).toEqual([expected])
  })

  test('members that nobody knows are told', () => {
    const part = { type: 'input_text', text: 'a', strange: 1 }
    expect(warningsOf({ input: [{ role: 'user', content: [part] }] })).toEqual(['strange:dropped'])
  })
})

describe('turns of the assistant', () => {
  test('#21 reasoning, messages and calls that follow each other are one; results come behind', () => {
    const messages = messagesOf([
      { role: 'user', content: 'go' },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
      said('I look.'),
      call('a'),
      call('b', { name: 'g' }),
      output('b'),
      output('a', ''),
      said('Done.'),
    ])
    expect(messages).toEqual([
      { role: 'user', content: [{ kind: 'text', text: 'go' }] },
      {
        role: 'assistant',
        content: [
          { kind: 'reasoning', text: 'hm' },
          { kind: 'text', text: 'I look.' },
          { kind: 'tool-call', id: 'a', name: 'f', arguments: '{"a":1}' },
          { kind: 'tool-call', id: 'b', name: 'g', arguments: '{"a":1}' },
        ],
      },
      { role: 'tool', callId: 'b', content: [{ kind: 'text', text: 'done' }] },
      { role: 'tool', callId: 'a', content: [] },
      { role: 'assistant', content: [{ kind: 'text', text: 'Done.' }] },
    ])
  })

  test.each<[string, JsonObject[], string[]]>([
    [
      'one after the other',
      [call('a'), output('a'), call('b'), output('b')],
      ['assistant', 'tool', 'assistant', 'tool'],
    ],
    [
      '#20 behind something that the user said meanwhile',
      [call('a'), { role: 'user', content: 'quick' }, output('a')],
      ['assistant', 'tool', 'user'],
    ],
    [
      'behind a later call',
      [call('a'), call('b'), output('a'), call('c'), output('b'), output('c')],
      ['assistant', 'tool', 'tool', 'assistant', 'tool'],
    ],
    [
      'with an id that occurs again',
      [call('a'), output('a'), call('a'), output('a')],
      ['assistant', 'tool', 'assistant', 'tool'],
    ],
  ])('results %s', (_, input, roles) => {
    expect(rolesOf(input)).toEqual(roles)
  })

  test('freeform calls carry their text as JSON', () => {
    const [turn, result] = messagesOf([
      { type: 'custom_tool_call', call_id: 'c', name: 'apply_patch', input: '*** "x"\n' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'ok' },
    ])
    expect(turn?.content).toEqual([
      { kind: 'tool-call', id: 'c', name: 'apply_patch', arguments: '{"input":"*** \\"x\\"\\n"}' },
    ])
    expect(result).toMatchObject({ role: 'tool', callId: 'c' })
  })

  test.each([
    ['ns', 'f', 'ns__f'],
    ['mcp__a__', 'f', 'mcp__a__f'],
  ])('a call in namespace %s', (namespace, name, expected) => {
    const [turn] = messagesOf([call('a', { namespace, name }), output('a')])
    expect(turn?.content).toMatchObject([{ name: expected }])
  })

  test('#22 an id that was packed for the way comes back as it was, with its proof', () => {
    const packed = 'kwid_ZnVuY3Rpb25zLmY6MA__thought__c2ln'
    const [turn, result] = messagesOf([call(packed), output(packed)])
    expect(turn?.content).toMatchObject([
      { id: 'functions.f:0', proof: { family: 'gemini', kind: 'signature', value: 'sig' } },
    ])
    expect(result).toMatchObject({ callId: 'functions.f:0' })
  })

  test('items of tools that others run are left out for lenient callers', () => {
    const input = [said('a'), { type: 'web_search_call', id: 'w' }, said('b')]
    expect(decode({ input }).messages).toHaveLength(1)
    expect(warningsOf({ input })).toEqual(['input.1.type:dropped'])
  })
})

describe('a mistake is named by its path', () => {
  const user = (content: unknown): JsonObject => ({ role: 'user', content })
  test.each<[string, JsonObject[]]>([
    ['input.0.role', [{ role: 'tool', content: 'a' }]],
    ['input.0.role', [{ content: 'a' }]],
    ['input.0.content', [{ role: 'user' }]],
    ['input.0.content', [{ role: 'assistant', content: 7 }]],
    ['input.0.content.0.type', [user([{ text: 'a' }])]],
    ['input.0.content.1.type', [user([{ type: 'input_text', text: 'a' }, { type: 'video' }])]],
    ['input.0.content.0.text', [user([{ type: 'input_text' }])]],
    ['input.0.content.0.image_url', [user([{ type: 'input_image' }])]],
    ['input.0.content.0.image_url', [user([{ type: 'input_image', image_url: 'ftp://a' }])]],
    ['input.0.content.0.file_data', [user([{ type: 'input_file', file_data: '%%' }])]],
    ['input.0.content.0.file_data', [user([{ type: 'input_file' }])]],
    ['input.0.content.0.file_url', [user([{ type: 'input_file', file_url: 'a' }])]],
    [
      'input.0.content.0.input_audio.format',
      [user([{ type: 'input_audio', input_audio: { data: '' } }])],
    ],
    [
      'input.0.content',
      [{ role: 'system', content: [{ type: 'input_image', image_url: 'https://a.b' }] }],
    ],
    [
      'input.0.content.1',
      [
        {
          role: 'assistant',
          content: [
            { type: 'output_text', text: '' },
            { type: 'input_image', image_url: 'https://a.b' },
          ],
        },
      ],
    ],
    ['input.0.call_id', [{ type: 'function_call', name: 'f', arguments: '{}' }]],
    ['input.0.name', [{ type: 'function_call', call_id: 'c', arguments: '{}' }]],
    ['input.0.arguments', [{ type: 'function_call', call_id: 'c', name: 'f' }]],
    ['input.0.input', [{ type: 'custom_tool_call', call_id: 'c', name: 'f' }]],
    ['input.0.call_id', [output('c')]],
    ['input.2.call_id', [call('c'), output('c'), output('c')]],
    ['input.1', [user('a'), call('c'), user('b')]],
    ['input.1.call_id', [call('c'), call('c')]],
    ['input.1.output', [call('c'), { type: 'function_call_output', call_id: 'c' }]],
    ['input.0.summary', [{ type: 'reasoning', summary: 'a' }]],
    ['input.0.encrypted_content', [{ type: 'reasoning', summary: [], encrypted_content: 7 }]],
  ])('%s of %j', (path, input) => {
    expect(refusedPath({ input })).toBe(path)
  })

  test.each([{ type: 'item_reference', id: 'msg_1' }, { id: 'msg_1' }])(
    '%j needs a memory that Keyway has not',
    (item) => {
      expect(() => messagesOf([item])).toThrow(
        expect.objectContaining({ code: 'unsupported_parameter', details: { param: 'input.0' } }),
      )
    },
  )
})
