import { describe, expect, test } from 'vitest'
import { type ChatRequest, type Effort, EFFORTS } from '../../../../src/core/chat.ts'
import { deepseekChatProfile } from '../../../../src/providers/models/deepseek.ts'
import { mistralChatProfile } from '../../../../src/providers/models/mistral.ts'
import { azureChatProfile, openAiChatProfile } from '../../../../src/providers/models/openai.ts'
import { privateChatProfile } from '../../../../src/providers/models/private-models.ts'
import { xaiChatProfile } from '../../../../src/providers/models/xai.ts'
import { zaiChatProfile } from '../../../../src/providers/models/zai.ts'
import { calls, encode, look, plain, result, user } from './support.ts'

/** A schema that OpenAI takes for a strict one. */
const closed = {
  parameters: { type: 'object', properties: {}, required: [], additionalProperties: false },
}

const gpt6 = openAiChatProfile('gpt-6-astra')
const gpt54 = openAiChatProfile('gpt-5.4')
const mistral = mistralChatProfile('mistral-large-4-0')
const codestral = mistralChatProfile('codestral-2508')
const deepseek = deepseekChatProfile('deepseek-v4-pro')
const glm = zaiChatProfile('glm-5.3')
const grok = xaiChatProfile('grok-4.7')
const own = privateChatProfile({})

const everything: Partial<ChatRequest> = {
  tools: [{ ...look, ...closed, description: 'Looks.', strict: true }],
  toolChoice: { kind: 'required' },
  parallelToolCalls: false,
  maxOutputTokens: 100,
  temperature: 0.5,
  topP: 0.9,
  presencePenalty: 0.1,
  frequencyPenalty: 0.2,
  seed: 7,
  stop: ['END'],
  verbosity: 'low',
  endUser: 'user-1',
  metadata: { team: 'a' },
  serviceTier: 'flex',
  promptCacheKey: 'key',
  stream: true,
}

const lookTool = {
  type: 'function',
  function: { name: 'look', description: 'Looks.', parameters: closed.parameters, strict: true },
}
const { strict: _strict, ...looseFunction } = lookTool.function
const looseTool = { type: 'function', function: looseFunction }
const common = { model: 'model', messages: [{ role: 'user', content: 'hello' }], stream: true }

describe('a request that asks for everything', () => {
  test.each([
    [
      'OpenAI, a model that does not think',
      plain,
      {
        ...common,
        tools: [lookTool],
        tool_choice: 'required',
        parallel_tool_calls: false,
        max_completion_tokens: 100,
        temperature: 0.5,
        top_p: 0.9,
        presence_penalty: 0.1,
        frequency_penalty: 0.2,
        seed: 7,
        stop: ['END'],
        safety_identifier: 'user-1',
        service_tier: 'flex',
        prompt_cache_key: 'key',
        stream_options: { include_usage: true },
      },
      ['metadata:dropped', 'verbosity:dropped'],
    ],
    [
      'OpenAI, the newest',
      gpt6,
      {
        ...common,
        tools: [lookTool],
        tool_choice: 'required',
        parallel_tool_calls: false,
        max_completion_tokens: 100,
        seed: 7,
        safety_identifier: 'user-1',
        service_tier: 'flex',
        verbosity: 'low',
        prompt_cache_key: 'key',
        stream_options: { include_usage: true },
      },
      [
        'temperature:dropped',
        'top_p:dropped',
        'presence_penalty:dropped',
        'frequency_penalty:dropped',
        'stop:dropped',
        'metadata:dropped',
      ],
    ],
    [
      'Mistral',
      mistral,
      {
        ...common,
        tools: [lookTool],
        tool_choice: 'required',
        parallel_tool_calls: false,
        max_tokens: 100,
        temperature: 0.5,
        top_p: 0.9,
        presence_penalty: 0.1,
        frequency_penalty: 0.2,
        random_seed: 7,
        stop: ['END'],
        prompt_cache_key: 'key',
      },
      ['user:dropped', 'service_tier:dropped', 'metadata:dropped', 'verbosity:dropped'],
    ],
    [
      'DeepSeek: a tool that must be called ends thinking',
      deepseek,
      {
        ...common,
        tools: [looseTool],
        tool_choice: 'required',
        thinking: { type: 'disabled' },
        max_tokens: 100,
        temperature: 0.5,
        top_p: 0.9,
        presence_penalty: 0.1,
        frequency_penalty: 0.2,
        stop: ['END'],
        stream_options: { include_usage: true },
      },
      [
        'strict:dropped',
        'parallel_tool_calls:dropped',
        'seed:dropped',
        'user:dropped',
        'service_tier:dropped',
        'metadata:dropped',
        'verbosity:dropped',
        'prompt_cache_key:dropped',
      ],
    ],
    [
      'xAI',
      grok,
      {
        ...common,
        tools: [lookTool],
        tool_choice: 'required',
        parallel_tool_calls: false,
        max_completion_tokens: 100,
        temperature: 0.5,
        top_p: 0.9,
        seed: 7,
        user: 'user-1',
        stream_options: { include_usage: true },
      },
      [
        'presence_penalty:dropped',
        'frequency_penalty:dropped',
        'stop:dropped',
        'service_tier:dropped',
        'metadata:dropped',
        'verbosity:dropped',
        'prompt_cache_key:dropped',
      ],
    ],
    [
      'a private model of which nothing is known',
      own,
      {
        ...common,
        tools: [looseTool],
        tool_choice: 'required',
        max_tokens: 100,
        temperature: 0.5,
        top_p: 0.9,
        presence_penalty: 0.1,
        frequency_penalty: 0.2,
        seed: 7,
        stop: ['END'],
        user: 'user-1',
      },
      [
        'strict:dropped',
        'parallel_tool_calls:dropped',
        'service_tier:dropped',
        'metadata:dropped',
        'verbosity:dropped',
        'prompt_cache_key:dropped',
      ],
    ],
  ])('%s', (_name, profile, expected, warned) => {
    const { body, warnings } = encode(everything, profile)
    expect(body).toEqual(expected)
    expect(warnings).toEqual(warned)
  })

  test('Z.ai, which cannot be made to call a tool', () => {
    expect(() => encode(everything, glm)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', details: { param: 'tool_choice' } }),
    )
    const { body, warnings } = encode(everything, glm, 'lenient')
    expect(body).toEqual({
      ...common,
      tools: [looseTool],
      tool_stream: true,
      max_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      stop: ['END'],
    })
    expect(warnings).toContain('tool_choice:dropped')
  })

  test('a strict caller is told and not warned', () => {
    expect(() => encode({ seed: 1 }, deepseek, 'strict')).toThrow(
      expect.objectContaining({ details: { param: 'seed' } }),
    )
  })
})

describe('what changes nothing is left out without a word', () => {
  test.each([
    ['gpt-6', gpt6, { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0 }],
    ['grok', grok, { presencePenalty: 0, frequencyPenalty: 0, serviceTier: 'auto' }],
    ['glm', glm, { parallelToolCalls: true, tools: [look], serviceTier: 'default' }],
    ['codestral', codestral, { reasoning: { effort: 'none' } }],
    ['a private model', own, { metadata: {}, cache: {}, choices: 1 }],
  ] as const)('%s', (_, profile, asked) => {
    const { body, warnings } = encode(asked, profile)
    expect(warnings).toEqual([])
    expect(Object.keys(body).filter((name) => !['tools', 'tool_stream'].includes(name))).toEqual([
      'model',
      'messages',
    ])
  })
})

describe('what the dialect cannot say', () => {
  test.each([
    ['top_k', { topK: 40 }],
    ['logprobs', { topLogprobs: 0 }],
    ['reasoning_summary', { reasoning: { show: 'detailed' } }],
    ['made_up', { rest: { made_up: 1 } }],
  ])('%s is reported', (name, asked) => {
    expect(encode(asked).warnings).toEqual([`${name}:dropped`])
  })

  test.each([
    ['n', { choices: 2 }],
    ['previous_response_id', { rest: { previous_response_id: 'resp_1' } }],
  ])('%s is refused', (param, asked) => {
    expect(() => encode(asked)).toThrow(expect.objectContaining({ details: { param } }))
  })

  test('members that mean the same to OpenAI are carried over, and metadata with them', () => {
    const rest = { store: true, prompt_cache_retention: '24h', logit_bias: { 5: 1 } }
    const { body, warnings } = encode({ rest, metadata: { a: 'b' } })
    expect(body).toMatchObject({ ...rest, metadata: { a: 'b' } })
    expect(warnings).toEqual([])
    expect(() => encode({ rest }, mistral)).toThrow(
      expect.objectContaining({ details: { param: 'logit_bias' } }),
    )
  })
})

describe('limits', () => {
  test.each([
    [mistral, 1.8, 1.5],
    [glm, 1.3, 1],
    [plain, 2, 2],
  ])('temperature (%#)', (profile, asked, sent) => {
    const { body, warnings } = encode({ temperature: asked }, profile)
    expect(body.temperature).toBe(sent)
    expect(warnings).toEqual(asked === sent ? [] : ['temperature:clamped'])
  })

  test('more stop sequences than the host takes are refused', () => {
    const stop = ['a', 'b', 'c', 'd']
    expect(encode({ stop }).body.stop).toEqual(stop)
    expect(() => encode({ stop: [...stop, 'e'] })).toThrow(
      expect.objectContaining({ details: { param: 'stop' } }),
    )
    expect(() => encode({ stop: ['a', 'b'] }, glm)).toThrow(
      expect.objectContaining({ details: { param: 'stop' } }),
    )
    expect(encode({ stop: [...stop, 'e'] }, mistral).body.stop).toHaveLength(5)
  })

  test('a long name of the end user is hashed, always in the same way', () => {
    const endUser = `user_${'a'.repeat(64)}_account__session_1`
    const { body, warnings } = encode({ endUser })
    expect(body.safety_identifier).toMatch(/^user_[0-9A-Za-z]{9}$/)
    expect(encode({ endUser }).body.safety_identifier).toBe(body.safety_identifier)
    expect(encode({ endUser: `${endUser}2` }).body.safety_identifier).not.toBe(
      body.safety_identifier,
    )
    expect(warnings).toEqual([])
  })

  test.each([
    [plain, 'standard_only', 'default'],
    [mistral, 'default', 'standard_only'],
    [grok, 'standard_only', 'default'],
    [deepseek, 'standard_only', undefined],
    [plain, 'priority', 'priority'],
  ])('service tiers go by the host’s names (%#)', (profile, asked, sent) => {
    const { body, warnings } = encode({ serviceTier: asked }, profile)
    expect(body.service_tier).toBe(sent)
    expect(warnings).toEqual([])
  })

  test('usage is asked for in streams only, and of private models only where they are said to know', () => {
    const asked = { include_usage: true }
    expect(encode({ stream: false }).body.stream_options).toBeUndefined()
    expect(encode({ stream: true }).body.stream_options).toEqual(asked)
    expect(
      encode({ stream: true, includeUsage: true }, mistral).body.stream_options,
    ).toBeUndefined()
    expect(encode({ stream: true }, own).body.stream_options).toBeUndefined()
    expect(encode({ stream: true, includeUsage: true }, own).body.stream_options).toEqual(asked)
    const able = privateChatProfile({ supports_stream_options: true })
    expect(encode({ stream: true }, able).body.stream_options).toEqual(asked)
  })
})

describe('effort', () => {
  const words = (profile: typeof plain) =>
    EFFORTS.map((effort: Effort) => {
      const { body } = encode({ reasoning: { effort } }, profile)
      return body.thinking?.type ?? body.reasoning_effort ?? '–'
    }).join(' ')

  test.each([
    // none minimal low medium high xhigh max
    ['gpt-4.1', plain, '– – – – – – –'],
    ['gpt-5', openAiChatProfile('gpt-5-mini'), 'minimal minimal low medium high high high'],
    ['gpt-5.1', openAiChatProfile('gpt-5.1'), 'none none low medium high high high'],
    ['gpt-5.4', gpt54, 'none none low medium high xhigh xhigh'],
    ['gpt-6', gpt6, 'low low low medium high xhigh xhigh'],
    ['gpt-6-sol', openAiChatProfile('gpt-6-sol'), 'none none low medium high xhigh xhigh'],
    ['o4-mini', openAiChatProfile('o4-mini'), 'low low low medium high high high'],
    ['deepseek', deepseek, 'disabled low low high high high max'],
    ['mistral-large-4', mistral, 'none low low medium high high high'],
    [
      'mistral-medium',
      mistralChatProfile('mistral-medium-2604'),
      'none high high high high high high',
    ],
    ['codestral', codestral, '– – – – – – –'],
    ['glm-5.3', glm, 'low low low high high max max'],
    ['glm-5.2', zaiChatProfile('glm-5.2'), 'disabled none high high high max max'],
    ['glm-4.7', zaiChatProfile('glm-4.7'), 'disabled – – – – – –'],
    ['grok-4.7', grok, 'low low low medium high xhigh xhigh'],
    ['grok-4.5', xaiChatProfile('grok-4.5'), 'low low low medium high high high'],
    ['grok-4.3', xaiChatProfile('grok-4.3'), 'none none low medium high high high'],
    ['a private model', own, '– – – – – – –'],
    [
      'one that reasons',
      privateChatProfile({ reasoning_field: 'reasoning' }),
      '– low low medium high high high',
    ],
  ])('%s', (_, profile, expected) => {
    expect(words(profile)).toBe(expected)
  })

  test('what becomes of it is said', () => {
    expect(encode({ reasoning: { effort: 'max' } }, gpt6).warnings).toEqual([
      'reasoning_effort:lowered',
    ])
    expect(encode({ reasoning: { effort: 'none' } }, gpt6).warnings).toEqual([
      'reasoning_effort:raised',
    ])
    expect(encode({ reasoning: { effort: 'high' } }, gpt6).warnings).toEqual([])
    expect(encode({ reasoning: { effort: 'high' } }, plain).warnings).toEqual([
      'reasoning_effort:dropped',
    ])
    expect(encode({ reasoning: { effort: 'none' } }, deepseek).warnings).toEqual([])
  })

  test('a budget is an effort, and a model that decides for itself is left to it', () => {
    expect(encode({ reasoning: { budgetTokens: 8000 } }, gpt6).body.reasoning_effort).toBe('medium')
    expect(encode({ reasoning: { isAdaptive: true } }, gpt6).body.reasoning_effort).toBeUndefined()
  })

  test('without reasoning more of sampling is taken', () => {
    const asked = { temperature: 0.3, topP: 0.5, presencePenalty: 1 }
    const sent = { temperature: 0.3, top_p: 0.5, presence_penalty: 1 }
    const off = { ...asked, reasoning: { effort: 'none' as const } }
    expect(encode(off, gpt54).body).toMatchObject(sent)
    expect(encode(off, deepseek).body).toMatchObject(sent)
    for (const profile of [gpt54, deepseek]) {
      const { body, warnings } = encode(asked, profile)
      expect(body).not.toHaveProperty('temperature')
      expect(warnings).toEqual(['temperature:dropped', 'top_p:dropped', 'presence_penalty:dropped'])
    }
  })

  test('deployments at Azure whose name tells nothing take what is asked', () => {
    const { body } = encode(
      { reasoning: { effort: 'xhigh' }, temperature: 0.2 },
      azureChatProfile('prod-chat'),
    )
    expect(body).toMatchObject({ reasoning_effort: 'xhigh', temperature: 0.2 })
    expect(encode({ temperature: 0.2 }, azureChatProfile('gpt-6-sol')).body).not.toHaveProperty(
      'temperature',
    )
  })
})

describe('tools', () => {
  const tools = [look, { name: 'touch' }]

  test('parameters that are missing are none', () => {
    expect(encode({ tools: [{ name: 'touch' }] }).body.tools).toEqual([
      {
        type: 'function',
        function: { name: 'touch', parameters: { type: 'object', properties: {} } },
      },
    ])
  })

  test('schemas stay as they are', () => {
    const parameters = {
      type: 'object',
      $defs: { a: { const: 1 } },
      properties: { x: { $ref: '#/$defs/a' } },
      additionalProperties: false,
    }
    for (const profile of [plain, mistral, deepseek, glm, grok, own]) {
      expect(
        encode({ tools: [{ name: 'a', parameters }] }, profile).body.tools[0].function.parameters,
      ).toEqual(parameters)
    }
  })

  test('#29 without tools there is no choice, and a history of calls stands without them', () => {
    const { body, warnings } = encode({
      toolChoice: { kind: 'required' },
      parallelToolCalls: false,
      messages: [user('a'), calls('1'), result('1')],
    })
    expect(Object.keys(body)).toEqual(['model', 'messages'])
    expect(body.messages).toHaveLength(3)
    expect(warnings).toEqual([])
  })

  test('no tool may be called: where that cannot be said, there are none', () => {
    const asked = { tools, toolChoice: { kind: 'none' as const } }
    expect(encode(asked).body).toMatchObject({ tool_choice: 'none', tools: [{}, {}] })
    const { body, warnings } = encode(asked, glm)
    expect(Object.keys(body)).toEqual(['model', 'messages'])
    expect(warnings).toEqual([])
  })

  test('some tools may be called: where that cannot be said, there are no others', () => {
    const allowed = (mode: 'auto' | 'required') => ({
      tools,
      toolChoice: { kind: 'allowed' as const, mode, names: ['touch'] },
    })
    expect(encode(allowed('required')).body.tool_choice).toEqual({
      type: 'allowed_tools',
      allowed_tools: {
        mode: 'required',
        tools: [{ type: 'function', function: { name: 'touch' } }],
      },
    })
    const { body } = encode(allowed('auto'), mistral)
    expect(body.tools.map((tool) => tool.function.name)).toEqual(['touch'])
    expect(body).not.toHaveProperty('tool_choice')
    expect(encode(allowed('required'), mistral).body.tool_choice).toBe('required')
    expect(() => encode(allowed('required'), glm)).toThrow(
      expect.objectContaining({ details: { param: 'tool_choice' } }),
    )
  })

  test.each([{ kind: 'required' }, { kind: 'tool', name: 'look' }] as const)(
    '#34 a tool that DeepSeek must call ends its thinking: %j',
    (toolChoice) => {
      const wished = encode({ tools, toolChoice, reasoning: { effort: 'high' } }, deepseek)
      expect(wished.body).toMatchObject({ thinking: { type: 'disabled' } })
      expect(wished.body).not.toHaveProperty('reasoning_effort')
      expect(wished.warnings).toEqual(['reasoning_effort:disabled'])
      const unasked = encode({ tools, toolChoice }, deepseek)
      expect(unasked.body).toMatchObject({ thinking: { type: 'disabled' } })
      expect(unasked.warnings).toEqual([])
    },
  )

  test('#34 tools that it may call do not', () => {
    for (const kind of ['auto', 'none'] as const) {
      const { body } = encode(
        { tools, toolChoice: { kind }, reasoning: { effort: 'high' } },
        deepseek,
      )
      expect(body).toMatchObject({ tool_choice: kind, reasoning_effort: 'high' })
      expect(body).not.toHaveProperty('thinking')
    }
  })

  test('a private model that has none refuses them', () => {
    const profile = privateChatProfile({ supports_tools: false })
    expect(() => encode({ tools }, profile)).toThrow(
      expect.objectContaining({ details: { param: 'tools' } }),
    )
    expect(Object.keys(encode({ tools }, profile, 'lenient').body)).toEqual(['model', 'messages'])
  })

  test('a grammar of OpenAI’s own kind of tool stands in the description elsewhere', () => {
    const grammar = { syntax: 'regex', definition: 'a+' } as const
    const patches = [{ name: 'patch', isFreeform: true, grammar }]
    const format = { type: 'grammar', grammar }
    const native = encode({ tools: patches }, gpt6)
    expect(native.body.tools).toEqual([{ type: 'custom', custom: { name: 'patch', format } }])
    expect(native.warnings).toEqual([])
    const elsewhere = encode({ tools: patches }, own)
    expect(elsewhere.body.tools[0].function).toMatchObject({
      name: 'patch',
      description: 'The input is plain text that follows this regex grammar:\na+',
    })
    expect(elsewhere.warnings).toEqual(['grammar:described'])
  })

  test('a tool that takes text is OpenAI’s own kind, and a function elsewhere', () => {
    const asked: Partial<ChatRequest> = {
      tools: [{ name: 'patch', description: 'Patches.', isFreeform: true }],
      toolChoice: { kind: 'tool', name: 'patch' },
      messages: [
        user('a'),
        {
          role: 'assistant',
          content: [
            { kind: 'tool-call', id: '1', name: 'patch', arguments: '{"input":"+ \\"x\\""}' },
          ],
        },
        result('1'),
      ],
    }
    const native = encode(asked, gpt6).body
    expect(native.tools).toEqual([
      { type: 'custom', custom: { name: 'patch', description: 'Patches.' } },
    ])
    expect(native.tool_choice).toEqual({ type: 'custom', custom: { name: 'patch' } })
    expect(native.messages[1].tool_calls).toEqual([
      { id: '1', type: 'custom', custom: { name: 'patch', input: '+ "x"' } },
    ])
    const elsewhere = encode(asked, own).body
    expect(elsewhere.tools[0].function).toMatchObject({
      name: 'patch',
      description: 'Patches.',
      parameters: { required: ['input'] },
    })
    expect(elsewhere.tool_choice).toEqual({ type: 'function', function: { name: 'patch' } })
    expect(elsewhere.messages[1].tool_calls).toEqual([
      {
        id: '1',
        type: 'function',
        function: { name: 'patch', arguments: '{"input":"+ \\"x\\""}' },
      },
    ])
  })

  test('arguments come in pieces from Z.ai where that is asked for', () => {
    expect(encode({ tools, stream: true }, glm).body.tool_stream).toBe(true)
    expect(encode({ tools, stream: false }, glm).body).not.toHaveProperty('tool_stream')
    expect(encode({ tools, stream: true }, zaiChatProfile('glm-4.5')).body).not.toHaveProperty(
      'tool_stream',
    )
  })
})

describe('the form of the answer', () => {
  const outputFormat = {
    kind: 'json-schema' as const,
    name: 'point',
    description: 'A point',
    strict: true,
    schema: {
      type: 'object',
      properties: { x: { type: 'number' } },
      required: ['x'],
      additionalProperties: false,
    },
  }

  test('it is not held to a schema that OpenAI would refuse, and that is told', () => {
    const { additionalProperties: _, ...schema } = outputFormat.schema
    const { body, warnings } = encode({ outputFormat: { ...outputFormat, schema } }, plain)
    expect(body.response_format).toMatchObject({ json_schema: { schema, strict: false } })
    expect(warnings).toEqual(['response_format:loosened'])
    // Elsewhere it may be open.
    expect(encode({ outputFormat: { ...outputFormat, schema } }, mistral)).toMatchObject({
      body: { response_format: { json_schema: { schema, strict: true } } },
      warnings: [],
    })
  })

  test.each([plain, gpt6, mistral, grok, privateChatProfile({ supports_json_schema: true })])(
    'a schema goes along where it is taken (%#)',
    (profile) => {
      const { kind: _kind, ...json_schema } = outputFormat
      const { body, warnings } = encode({ outputFormat }, profile)
      expect(body.response_format).toEqual({ type: 'json_schema', json_schema })
      expect(warnings).toEqual([])
    },
  )

  test.each([deepseek, glm, own])('it becomes an instruction elsewhere (%#)', (profile) => {
    const { body, warnings } = encode({ outputFormat }, profile)
    expect(body.response_format).toEqual({ type: 'json_object' })
    expect(body.messages).toHaveLength(2)
    expect(body.messages[0].role).toBe('system')
    expect(body.messages[0].content).toMatch(/json.*\(A point\)/)
    expect(body.messages[0].content).toContain(JSON.stringify(outputFormat.schema))
    expect(warnings).toEqual(['response_format:emulated'])
  })

  test('it stands with the instructions that there are', () => {
    const list = [
      { role: 'system' as const, content: [{ kind: 'text' as const, text: 'be kind' }] },
      user('a'),
    ]
    const { body } = encode({ outputFormat, messages: list }, deepseek)
    expect(body.messages).toHaveLength(2)
    expect(body.messages[0].content).toMatch(/^be kind\n\nAnswer with json/)
  })

  test('JSON of any kind is known to all', () => {
    for (const profile of [plain, gpt6, mistral, deepseek, glm, grok, own]) {
      expect(encode({ outputFormat: { kind: 'json' } }, profile).body.response_format).toEqual({
        type: 'json_object',
      })
    }
  })
})

test('a strict tool whose schema OpenAI would refuse is sent as a loose one, and that is told', () => {
  const tools = [{ ...look, parameters: { type: 'object', properties: { a: {} } }, strict: true }]
  const openai = encode({ tools }, plain)
  expect(openai.body['tools']).toMatchObject([{ function: { strict: false } }])
  expect(openai.warnings).toEqual(['strict:dropped'])
  const other = encode({ tools }, xaiChatProfile('grok-4.7'))
  expect(other.body['tools']).toMatchObject([{ function: { strict: true } }])
  expect(other.warnings).toEqual([])
})
