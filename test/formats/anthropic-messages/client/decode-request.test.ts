import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../../src/core/errors.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import {
  decodeCountRequest,
  decodeRequest,
} from '../../../../src/formats/anthropic-messages/client/decode-request.ts'
import { thrownBy } from '../../../thrown-by.ts'
import { body, decode, refusedPath, USER } from './request.ts'

const BARE = {
  messages: [{ role: 'user', content: [{ kind: 'text', text: 'hi' }] }],
  tools: [],
  maxOutputTokens: 100,
  stop: [],
  stream: false,
  rest: {},
}

test('the least that can be asked', () => {
  expect(decodeRequest(body())).toEqual(BARE)
})

test('counting tokens needs no max_tokens', () => {
  const { maxOutputTokens: _, ...counted } = BARE
  expect(decodeCountRequest({ model: 'm', messages: [USER] })).toEqual(counted)
})

describe('a conversation that Anthropic is to keep', () => {
  const refusal = {
    code: 'unsupported_parameter',
    status: 400,
    details: {
      param: 'thread',
      facts: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
    },
  }

  test.each([
    ['begun', { type: 'create' }],
    ['gone on with', { type: 'continue', previous_message_id: 'msg_1' }],
  ])('is refused as its SDK understands it: %s', (_, thread) => {
    expect(thrownBy(() => decodeRequest(body({ thread })))).toMatchObject(refusal)
    expect(thrownBy(() => decodeCountRequest(body({ thread })))).toMatchObject(refusal)
  })

  test('is none where it says so', () => {
    expect(decodeRequest(body({ thread: null }))).toEqual(BARE)
  })
})

describe('what has a slot', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['max_tokens 0', { max_tokens: 0 }, { maxOutputTokens: 0 }],
    ['temperature', { temperature: 0.5 }, { temperature: 0.5 }],
    ['top_p', { top_p: 1 }, { topP: 1 }],
    ['top_k', { top_k: 40 }, { topK: 40 }],
    ['stop_sequences', { stop_sequences: ['END', '\n'] }, { stop: ['END', '\n'] }],
    ['metadata.user_id', { metadata: { user_id: 'u' } }, { endUser: 'u' }],
    ['service_tier auto', { service_tier: 'auto' }, { serviceTier: 'auto' }],
    ['service_tier standard_only', { service_tier: 'standard_only' }, { serviceTier: 'default' }],
    ['stream', { stream: true }, { stream: true, includeUsage: true }],
    ['#33 cache_control', { cache_control: { type: 'ephemeral' } }, { cache: {} }],
    [
      '#33 cache_control with a time',
      { cache_control: { type: 'ephemeral', ttl: '1h' } },
      { cache: { ttl: '1h' } },
    ],
    [
      'thinking enabled',
      { thinking: { type: 'enabled', budget_tokens: 2048, display: 'omitted' } },
      { reasoning: { budgetTokens: 2048, show: 'omitted' } },
    ],
    [
      'thinking adaptive with an effort',
      { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } },
      { reasoning: { isAdaptive: true, effort: 'xhigh' } },
    ],
    ['thinking disabled', { thinking: { type: 'disabled' } }, { reasoning: { effort: 'none' } }],
    ['an effort alone', { output_config: { effort: 'max' } }, { reasoning: { effort: 'max' } }],
    [
      'thinking disabled beside an effort, of which one is left',
      { thinking: { type: 'disabled' }, output_config: { effort: 'low' } },
      { reasoning: { effort: 'none' }, untranslated: [{ parameter: 'effort' }] },
    ],
    [
      'thinking between tools, which only Claude can be told',
      { thinking: { type: 'between_tools' } },
      { reasoning: { effort: 'none' }, untranslated: [{ parameter: 'thinking' }] },
    ],
    [
      'output_config.format',
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      {
        outputFormat: {
          kind: 'json-schema',
          name: 'answer',
          schema: { type: 'object' },
          strict: true,
        },
      },
    ],
    [
      'the older output_format',
      { output_format: { type: 'json_schema', schema: { type: 'array' } } },
      {
        outputFormat: {
          kind: 'json-schema',
          name: 'answer',
          schema: { type: 'array' },
          strict: true,
        },
      },
    ],
    [
      'both, of which the newer one counts',
      {
        output_format: { type: 'json_schema', schema: {} },
        output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
      },
      {
        outputFormat: {
          kind: 'json-schema',
          name: 'answer',
          schema: { type: 'object' },
          strict: true,
        },
      },
    ],
    ['null is as good as nothing', { thinking: null, tools: null, stop_sequences: null }, {}],
  ])('%s', (_, members, expected) => {
    expect(decode(members)).toEqual({ ...BARE, ...expected })
  })
})

describe('what has no slot', () => {
  test('stays in the rest', () => {
    const rest = {
      container: 'c',
      mcp_servers: [{ url: 'https://mcp.example' }],
      context_management: { edits: [] },
      inference_geo: 'us',
      speed: 'fast',
      betas: ['x-2026-01-01'],
    }
    expect(decode({ ...rest, speed: 'fast', diagnostics: null })).toEqual({ ...BARE, rest })
  })

  test('the speed that is usual asks for nothing', () => {
    expect(decode({ speed: 'standard' })).toEqual(BARE)
  })

  test('is noted by its name, or by its owner where it has no proper one', () => {
    const { untranslated } = decode({
      metadata: { user_id: 'u', team: 't', '\r\nx-evil: 1': 1, nothing: null },
      output_config: { task_budget: { type: 'tokens', total: 9 } },
      thinking: { type: 'adaptive', block_binding: { a: 1 } },
    })
    const names = ['team', 'metadata', 'task_budget', 'block_binding']
    expect(new Set(untranslated)).toEqual(new Set(names.map((parameter) => ({ parameter }))))
  })
})

describe('a system turn in the middle', () => {
  const addition = { type: 'tool_addition', tool: { type: 'tool_reference', name: 'f' } }
  const said = { type: 'text', text: 'Now.' }

  test.each<[JsonObject, unknown[] | undefined]>([
    [{ content: 'Now.' }, undefined],
    [{ content: 'Now.', clear_at: 'never', output_config: {} }, undefined],
    [{ content: 'Now.', clear_at: 'next_user_message' }, [{ parameter: 'messages.clear_at' }]],
    [
      { content: 'Now.', output_config: { effort: 'low' } },
      [{ parameter: 'messages.output_config' }],
    ],
    [
      { content: [addition, said, { ...addition, type: 'tool_removal' }] },
      [
        expect.objectContaining({ parameter: 'messages.1.content.0.type' }),
        expect.objectContaining({ parameter: 'messages.1.content.2.type' }),
      ],
    ],
  ])('%j notes what other models cannot follow', (turn, expected) => {
    const { messages, untranslated } = decode({ messages: [USER, { role: 'system', ...turn }] })
    expect(messages.at(-1)).toEqual({ role: 'system', content: [{ kind: 'text', text: 'Now.' }] })
    expect(untranslated).toEqual(expected)
  })

  test('need not say anything', () => {
    const { messages } = decode({ messages: [USER, { role: 'system', clear_at: 'never' }] })
    expect(messages).toEqual(BARE.messages)
  })
})

describe('system', () => {
  test.each<[string, unknown, unknown]>([
    ['a string', 'Be brief.', [{ kind: 'text', text: 'Be brief.' }]],
    [
      '#33 blocks, each with its own mark',
      [
        { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '5m' } },
        { type: 'text', text: '' },
        { type: 'text', text: ' b ' },
      ],
      [
        { kind: 'text', text: 'a', cache: { ttl: '5m' } },
        { kind: 'text', text: ' b ' },
      ],
    ],
  ])('%s', (_, system, content) => {
    expect(decode({ system }).messages).toEqual([{ role: 'system', content }, ...BARE.messages])
  })

  test.each(['', [], [{ type: 'text', text: '' }], null])('%j is none', (system) => {
    expect(decode({ system }).messages).toEqual(BARE.messages)
  })
})

test.each<[string, JsonObject]>([
  ['max_tokens', { max_tokens: undefined }],
  ['max_tokens', { max_tokens: null }],
  ['max_tokens', { max_tokens: -1 }],
  ['max_tokens', { max_tokens: 1.5 }],
  ['max_tokens', { max_tokens: '100' }],
  ['messages', { messages: undefined }],
  ['messages', { messages: [] }],
  ['messages', { messages: 'hi' }],
  ['messages.0', { messages: ['hi'] }],
  ['messages.0.role', { messages: [{ content: 'hi' }] }],
  ['messages.0.role', { messages: [{ role: 'tool', content: 'hi' }] }],
  ['system', { system: 1 }],
  ['system.0', { system: ['x'] }],
  ['system.0.type', { system: [{ type: 'image' }] }],
  ['system.0.text', { system: [{ type: 'text' }] }],
  [
    'system.0.cache_control',
    { system: [{ type: 'text', text: '', cache_control: { type: 'ephemeral' } }] },
  ],
  [
    'system.0.cache_control.ttl',
    { system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '2h' } }] },
  ],
  ['cache_control.type', { cache_control: { type: 'forever' } }],
  ['cache_control', { cache_control: true }],
  ['temperature', { temperature: 1.1 }],
  ['top_p', { top_p: -0.1 }],
  ['top_k', { top_k: 0.5 }],
  ['stop_sequences', { stop_sequences: 'END' }],
  ['stop_sequences.1', { stop_sequences: ['END', 1] }],
  ['stop_sequences.1', { stop_sequences: ['END', ''] }],
  ['thinking', { thinking: true }],
  ['thinking.type', { thinking: {} }],
  ['thinking.type', { thinking: { type: 'on' } }],
  ['thinking.budget_tokens', { thinking: { type: 'enabled' } }],
  ['thinking.budget_tokens', { thinking: { type: 'enabled', budget_tokens: 0 } }],
  ['thinking.display', { thinking: { type: 'adaptive', display: 1 } }],
  ['output_config', { output_config: [] }],
  ['output_config.effort', { output_config: { effort: 'minimal' } }],
  ['output_config.format.type', { output_config: { format: { type: 'json' } } }],
  ['output_config.format.schema', { output_config: { format: { type: 'json_schema' } } }],
  ['output_format.schema', { output_format: { type: 'json_schema', schema: 'x' } }],
  ['metadata', { metadata: 'u' }],
  ['metadata.user_id', { metadata: { user_id: 1 } }],
  ['service_tier', { service_tier: 'flex' }],
  ['stream', { stream: 'yes' }],
])('refused for %s: %j', (path, members) => {
  expect(refusedPath(members)).toBe(path)
})

describe('any JSON at all', () => {
  const block = fc.record(
    {
      type: fc.oneof(
        fc.constantFrom('text', 'image', 'document', 'tool_use', 'tool_result', 'thinking'),
        fc.constantFrom('redacted_thinking', 'search_result', 'server_tool_use'),
        fc.jsonValue(),
      ),
      text: fc.jsonValue(),
      id: fc.constantFrom('a', 'b', '', 7),
      tool_use_id: fc.constantFrom('a', 'b', '', 7),
      name: fc.jsonValue(),
      input: fc.jsonValue(),
      content: fc.jsonValue(),
      source: fc.jsonValue(),
      thinking: fc.jsonValue(),
      signature: fc.jsonValue(),
      data: fc.jsonValue(),
      cache_control: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  const message = fc.record({
    role: fc.constantFrom('user', 'assistant', 'system', 'tool'),
    content: fc.oneof(fc.jsonValue(), fc.array(block)),
  })
  const members = fc.record(
    {
      max_tokens: fc.constantFrom(1, 'x'),
      messages: fc.oneof(fc.jsonValue(), fc.array(message)),
      system: fc.oneof(fc.jsonValue(), fc.array(block)),
      tools: fc.oneof(fc.jsonValue(), fc.array(fc.oneof(block, fc.jsonValue()))),
      tool_choice: fc.jsonValue(),
      thinking: fc.jsonValue(),
      output_config: fc.jsonValue(),
      metadata: fc.jsonValue(),
      stop_sequences: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )

  test('is decoded, or refused by a GatewayError', () => {
    fc.assert(
      fc.property(fc.oneof(members, fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
        const read = JSON.parse(JSON.stringify(value)) as JsonObject
        const error = thrownBy(() => decodeRequest(read))
        if (error !== undefined) expect(error).toBeInstanceOf(GatewayError)
      }),
      { numRuns: 2000 },
    )
  })

  test('members of the prototype are none', () => {
    const error = thrownBy(() => decodeRequest(Object.create(body()) as JsonObject))
    expect(error).toMatchObject({ details: { param: 'max_tokens' } })
  })
})
