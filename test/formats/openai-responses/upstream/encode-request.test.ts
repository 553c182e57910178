import { describe, expect, test } from 'vitest'
import type { ChatRequest, Tool } from '../../../../src/core/chat.ts'
import {
  openAiResponsesProfile,
  xaiResponsesProfile,
} from '../../../../src/providers/models/openai-responses.ts'
import { responsesBody } from '../../../upstreams/dialects/openai-responses-body.ts'
import { encode, user } from './source.ts'

const F: Tool = { name: 'f', description: 'd', parameters: { type: 'object', $defs: {} } }
const PATCH: Tool = { name: 'patch', isFreeform: true }
const SCHEMA = { type: 'object', properties: {} }
const CLOSED = { ...SCHEMA, required: [], additionalProperties: false }

test('what every request says', () => {
  const { body, warnings } = encode({})
  expect(body).toEqual({
    model: 'm',
    input: [{ role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
    include: ['reasoning.encrypted_content'],
    store: false,
  })
  expect(warnings).toEqual([])
})

describe('members', () => {
  test.each<[Partial<ChatRequest>, object]>([
    [{ stream: true }, { stream: true }],
    [{ maxOutputTokens: 100 }, { max_output_tokens: 100 }],
    [{ verbosity: 'low' }, { text: { verbosity: 'low' } }],
    [{ outputFormat: { kind: 'json' } }, { text: { format: { type: 'json_object' } } }],
    [
      { outputFormat: { kind: 'json-schema', name: 'n', schema: CLOSED, strict: true } },
      { text: { format: { type: 'json_schema', name: 'n', schema: CLOSED, strict: true } } },
    ],
    [
      { metadata: { a: 'b' }, promptCacheKey: 'k' },
      { metadata: { a: 'b' }, prompt_cache_key: 'k' },
    ],
    [{ endUser: 'u' }, { safety_identifier: 'u' }],
    [{ endUser: 'u'.repeat(65) }, { safety_identifier: expect.stringMatching(/^user_.{9}$/) }],
    [{ serviceTier: 'flex' }, { service_tier: 'flex' }],
    [{ reasoning: { effort: 'high' } }, { reasoning: { effort: 'high' } }],
    [{ reasoning: { budgetTokens: 8000 } }, { reasoning: { effort: 'medium' } }],
    [{ reasoning: { show: 'summarized' } }, { reasoning: { summary: 'auto' } }],
    [{ reasoning: { show: 'detailed' } }, { reasoning: { summary: 'detailed' } }],
    [{ rest: { prompt_cache_retention: '24h' } }, { prompt_cache_retention: '24h' }],
    [
      { reasoning: { effort: 'none' }, temperature: 0.3, topP: 0.4 },
      { temperature: 0.3, top_p: 0.4 },
    ],
  ])('%j', (members, expected) => {
    const { body, warnings } = encode(members)
    expect(body).toMatchObject(expected)
    expect(warnings).toEqual([])
    expect(responsesBody.safeParse(body)).toMatchObject({ success: true })
  })

  test('an answer is not held to a schema that OpenAI would refuse, and that is told', () => {
    const format = { kind: 'json-schema', name: 'n', schema: SCHEMA, strict: true } as const
    const { body, warnings } = encode({ outputFormat: format })
    expect(body).toMatchObject({ text: { format: { schema: SCHEMA, strict: false } } })
    expect(warnings).toEqual(['response_format:loosened'])
  })

  test.each<[Partial<ChatRequest>, string[]]>([
    [{ temperature: 0.3, topP: 0.4 }, ['temperature', 'top_p']],
    [{ reasoning: { show: 'omitted' } }, ['reasoning']],
    [{ reasoning: { isAdaptive: true } }, ['reasoning']],
    [{ reasoning: { effort: 'none' } }, ['include']],
    [{ serviceTier: 'standard_only' }, ['service_tier']],
    [
      { toolChoice: { kind: 'required' }, parallelToolCalls: false },
      ['tool_choice', 'tools', 'parallel_tool_calls'],
    ],
    [{ tools: [F], parallelToolCalls: true }, ['parallel_tool_calls']],
  ])('%j leaves out %j', (members, names) => {
    for (const name of names) expect(encode(members).body).not.toHaveProperty(name)
  })
})

describe('what cannot be carried over is told', () => {
  test.each<[Partial<ChatRequest>, string[]]>([
    [{ temperature: 0.3, topP: 0.4 }, ['temperature:dropped', 'top_p:dropped']],
    [{ temperature: 1, topP: 1 }, []],
    [{ maxOutputTokens: 5 }, ['max_tokens:raised']],
    [{ topK: 4, seed: 1 }, ['top_k:dropped', 'seed:dropped']],
    [{ topLogprobs: 0 }, ['logprobs:dropped']],
    [{ stop: ['a'] }, ['stop:dropped']],
    [{ presencePenalty: 0, frequencyPenalty: 0 }, []],
    [
      { presencePenalty: 1, frequencyPenalty: 1 },
      ['presence_penalty:dropped', 'frequency_penalty:dropped'],
    ],
    [{ choices: 1 }, []],
    [{ serviceTier: 'standard_only' }, []],
    [{ serviceTier: 'batch' }, ['service_tier:dropped']],
    [{ reasoning: { effort: 'minimal' } }, ['reasoning_effort:lowered']],
    [{ rest: { store: true, strange: 1 } }, ['store:dropped', 'strange:dropped']],
    [
      { messages: [{ role: 'user', name: 'n', content: [{ kind: 'text', text: 'a' }] }] },
      ['name:dropped'],
    ],
  ])('%j', (members, expected) => {
    expect(encode(members).warnings).toEqual(expected)
  })

  test.each<[Partial<ChatRequest>, string]>([
    [{ choices: 2 }, 'n'],
    [{ rest: { logit_bias: { a: 1 } } }, 'logit_bias'],
    [
      { messages: [{ role: 'user', content: [{ kind: 'audio', data: 'A', format: 'wav' }] }] },
      'audio',
    ],
  ])('%j is refused', (members, param) => {
    expect(() => encode(members)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', details: { param } }),
    )
    expect(encode(members, 'gpt-5.6', 'lenient').warnings).toEqual([`${param}:dropped`])
  })
})

describe('tools', () => {
  test('are flat, and strict only where they were', () => {
    expect(encode({ tools: [F, { name: 'g', strict: true }, PATCH] }).body['tools']).toEqual([
      {
        type: 'function',
        name: 'f',
        description: 'd',
        parameters: { type: 'object', $defs: {} },
        strict: false,
      },
      { type: 'function', name: 'g', parameters: { type: 'object', properties: {} }, strict: true },
      { type: 'custom', name: 'patch' },
    ])
  })

  test('that take text are held to a grammar, or told of it where they are functions', () => {
    const grammar = { syntax: 'lark', definition: 'start: "a"' } as const
    const tools: Tool[] = [{ ...PATCH, description: 'Edits.', grammar }]
    expect(encode({ tools })).toMatchObject({
      body: { tools: [{ type: 'custom', name: 'patch', format: { type: 'grammar', ...grammar } }] },
      warnings: [],
    })
    const description =
      'Edits.\n\nThe input is plain text that follows this lark grammar:\nstart: "a"'
    expect(encode({ tools }, xaiResponsesProfile('grok-4.7'))).toMatchObject({
      body: { tools: [{ type: 'function', name: 'patch', description }] },
      warnings: ['grammar:described'],
    })
  })

  test('that take text are functions where there are no others', () => {
    const { body } = encode({ tools: [PATCH] }, xaiResponsesProfile('grok-4.7'))
    expect(body['tools']).toMatchObject([
      { type: 'function', name: 'patch', parameters: { required: ['input'] } },
    ])
  })

  test('have plain names, and so have their calls', () => {
    const name = `${'n'.repeat(70)}.x`
    const { body } = encode({
      tools: [{ name }],
      toolChoice: { kind: 'tool', name },
      messages: [
        {
          role: 'assistant',
          content: [{ kind: 'tool-call', id: 'functions.x:0', name, arguments: '' }],
        },
        { role: 'tool', callId: 'functions.x:0', content: [] },
      ],
    })
    const [{ name: plain } = {}] = body['tools'] as { name?: string }[]
    expect(plain).toMatch(/^[\w-]{1,64}$/)
    const [call, result] = body['input'] as Record<string, string>[]
    expect(body['tool_choice']).toEqual({ type: 'function', name: plain })
    expect(call).toMatchObject({ type: 'function_call', name: plain, arguments: '{}' })
    // #22 The same id on both sides.
    expect(call?.['call_id']).toMatch(/^[\w-]{1,64}$/)
    expect(result).toEqual({
      type: 'function_call_output',
      call_id: call?.['call_id'],
      output: '',
    })
  })

  test.each<[ChatRequest['toolChoice'], unknown]>([
    [{ kind: 'auto' }, 'auto'],
    [{ kind: 'none' }, 'none'],
    [{ kind: 'required' }, 'required'],
    [
      { kind: 'tool', name: 'f' },
      { type: 'function', name: 'f' },
    ],
    [
      { kind: 'tool', name: 'patch' },
      { type: 'custom', name: 'patch' },
    ],
    [
      { kind: 'allowed', mode: 'auto', names: ['f', 'patch'] },
      {
        type: 'allowed_tools',
        mode: 'auto',
        tools: [
          { type: 'function', name: 'f' },
          { type: 'custom', name: 'patch' },
        ],
      },
    ],
    [undefined, undefined],
  ])('choice %j', (toolChoice, expected) => {
    const members = { tools: [F, PATCH], ...(toolChoice === undefined ? {} : { toolChoice }) }
    expect(encode(members).body['tool_choice']).toEqual(expected)
  })

  test('that are not allowed are left out where a choice cannot say so', () => {
    const { body } = encode(
      { tools: [F, PATCH], toolChoice: { kind: 'allowed', mode: 'required', names: ['f'] } },
      xaiResponsesProfile('grok-4.7'),
    )
    expect(body['tools']).toMatchObject([{ name: 'f' }])
    expect(body['tool_choice']).toBe('required')
  })

  test('at most one at a time', () => {
    const { body } = encode({ tools: [F], parallelToolCalls: false })
    expect(body['parallel_tool_calls']).toBe(false)
  })
})

describe('what a model takes', () => {
  const members: Partial<ChatRequest> = { reasoning: { effort: 'max' }, temperature: 0.5 }
  test.each<[string, unknown, string[]]>([
    ['gpt-6-astra', { effort: 'max' }, ['temperature:dropped']],
    ['gpt-7', { effort: 'max' }, ['temperature:dropped']],
    ['gpt-5.6-terra', { effort: 'max' }, ['temperature:dropped']],
    ['gpt-5.4-mini', { effort: 'xhigh' }, ['reasoning_effort:lowered', 'temperature:dropped']],
    ['gpt-5.4-pro', { effort: 'xhigh' }, ['reasoning_effort:lowered', 'temperature:dropped']],
    ['gpt-5.1-codex', { effort: 'high' }, ['reasoning_effort:lowered', 'temperature:dropped']],
    ['gpt-5.1-codex-max', { effort: 'xhigh' }, ['reasoning_effort:lowered', 'temperature:dropped']],
    ['gpt-5.1', { effort: 'high' }, ['reasoning_effort:lowered', 'temperature:dropped']],
    ['gpt-5-2025-08-07', { effort: 'high' }, ['reasoning_effort:lowered', 'temperature:dropped']],
    ['o4-mini', { effort: 'high' }, ['reasoning_effort:lowered', 'temperature:dropped']],
    ['gpt-4.1', undefined, ['reasoning_effort:dropped']],
    ['my-deployment', { effort: 'max' }, []],
  ])('%s', (model, reasoning, warnings) => {
    const encoded = encode(members, model)
    expect(encoded.body['reasoning']).toEqual(reasoning)
    expect(encoded.warnings).toEqual(warnings)
    expect(encoded.body['include']).toEqual(
      reasoning === undefined ? undefined : ['reasoning.encrypted_content'],
    )
  })

  test.each<[string, unknown, string[]]>([
    ['grok-4.7', { effort: 'xhigh' }, ['reasoning_effort:lowered']],
    ['grok-9', { effort: 'xhigh' }, ['reasoning_effort:lowered']],
    ['grok-4.3', { effort: 'high' }, ['reasoning_effort:lowered']],
    ['grok-4.20-reasoning', undefined, ['reasoning_effort:dropped']],
    ['grok-4.20-non-reasoning', undefined, ['reasoning_effort:dropped']],
  ])('%s', (model, reasoning, warnings) => {
    const { body, warnings: told } = encode(members, xaiResponsesProfile(model))
    expect(body['reasoning']).toEqual(reasoning)
    expect(told).toEqual(warnings)
    expect(body['temperature']).toBe(0.5)
  })

  test('effort none is no loss to a model that does not think', () => {
    expect(encode({ reasoning: { effort: 'none' } }, 'gpt-4.1')).toMatchObject({ warnings: [] })
    const raised = encode({ reasoning: { effort: 'none' } }, 'gpt-6-astra')
    expect(raised).toMatchObject({
      body: { reasoning: { effort: 'low' } },
      warnings: ['reasoning_effort:raised'],
    })
  })

  test('a host takes what it knows', () => {
    const { body, warnings } = encode(
      { endUser: 'u', verbosity: 'low', serviceTier: 'flex', maxOutputTokens: 5 },
      xaiResponsesProfile('grok-4.7'),
    )
    expect(body).toMatchObject({ user: 'u', max_output_tokens: 5 })
    expect(warnings).toEqual(['verbosity:dropped', 'service_tier:dropped'])
  })

  test('what is told of caching changed its place', () => {
    const rest = { prompt_cache_retention: '24h', prompt_cache_options: { ttl: '12h' } }
    expect(encode({ rest }, 'gpt-5.4').warnings).toEqual([])
    expect(encode({ rest }, 'gpt-6-sol')).toMatchObject({
      body: { prompt_cache_options: { ttl: '12h' } },
      warnings: ['prompt_cache_retention:dropped'],
    })
  })

  test.each<[model: string, isTaken: boolean]>([
    ['gpt-5.5', false],
    ['gpt-5.6-sol', true],
    ['gpt-6-astra', true],
    ['gpt-7', true],
    ['my-deployment', true],
  ])('%s takes marks where the prompt is to be cached: %s', (model, isTaken) => {
    const breakpoint = { mode: 'explicit', ttl: '12h' }
    const text = { kind: 'text', text: 'a', cache: { ttl: '1h', breakpoint } } as const
    const { body, warnings } = encode({ messages: [{ role: 'user', content: [text] }] }, model)
    const mark = isTaken ? { prompt_cache_breakpoint: breakpoint } : {}
    expect(body['input']).toEqual([
      { role: 'user', content: [{ type: 'input_text', text: 'a', ...mark }] },
    ])
    expect(warnings).toEqual([])
  })

  test('#27 gpt-5.6 takes tools and thinks', () => {
    const { body, warnings } = encode({ tools: [F] }, openAiResponsesProfile('gpt-5.6-luna'))
    expect(body).toMatchObject({ tools: [{ name: 'f' }] })
    expect(body).not.toHaveProperty('reasoning')
    expect(warnings).toEqual([])
  })
})

test('a longer conversation begins as the shorter one does', () => {
  const turns: ChatRequest['messages'] = [
    user('a'),
    { role: 'system', content: [{ kind: 'text', text: 's' }] },
    {
      role: 'assistant',
      content: [
        {
          kind: 'reasoning',
          text: 'r',
          proof: { family: 'gpt', kind: 'encrypted', value: 'x' },
        },
        { kind: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
      ],
    },
    { role: 'tool', callId: 'c', content: [{ kind: 'text', text: 'r' }] },
    { role: 'assistant', content: [{ kind: 'text', text: 'done' }] },
    user('b'),
  ]
  const inputOf = (count: number): readonly unknown[] =>
    encode({ messages: turns.slice(0, count) }).body['input'] as readonly unknown[]
  const whole = inputOf(turns.length)
  for (const count of [1, 2, 4, 5]) {
    const part = inputOf(count)
    expect(whole.slice(0, part.length)).toEqual(part)
  }
})
