import { describe, expect, test } from 'vitest'
import type { ChatMessage, ChatRequest, ReasoningWish } from '../../../src/core/chat.ts'
import { thrownBy } from '../../thrown-by.ts'
import { assistant, call, configOf, encode, user } from './fixtures.ts'

const SAMPLED = 'gemini-3.1-pro-preview'

describe('parameters', () => {
  test('go by the names that Google has for them', () => {
    const members = { temperature: 0.5, topP: 0.9, topK: 20, maxOutputTokens: 100, seed: 7 }
    const { body, warnings } = encode({ ...members, stop: ['a', 'b'] }, SAMPLED)
    expect(body.generationConfig).toEqual({ ...members, stopSequences: ['a', 'b'] })
    expect(warnings).toEqual([])
  })

  test('where none are given there is no config', () => {
    expect(encode({}).body).not.toHaveProperty('generationConfig')
  })

  test.each<[string, Partial<ChatRequest>, string | undefined, object | undefined, string[]]>([
    ['too warm', { temperature: 3 }, SAMPLED, { temperature: 2 }, ['temperature:clamped']],
    [
      'sampling of models that ignore it',
      { temperature: 0, topP: 0.5, topK: 1 },
      undefined,
      undefined,
      ['temperature:dropped', 'top_p:dropped', 'top_k:dropped'],
    ],
    ['sampling as it is anyway', { temperature: 1, topP: 1 }, undefined, undefined, []],
    [
      'penalties',
      { presencePenalty: 0.5, frequencyPenalty: -1 },
      undefined,
      undefined,
      ['presence_penalty:dropped', 'frequency_penalty:dropped'],
    ],
    [
      'no penalties',
      { presencePenalty: 0, frequencyPenalty: 0 },
      'gemini-2.0-flash',
      undefined,
      [],
    ],
    [
      'penalties of models that have them',
      { presencePenalty: 0.5, frequencyPenalty: -1 },
      'gemini-2.0-flash',
      { presencePenalty: 0.5, frequencyPenalty: -1 },
      [],
    ],
    ['a seed too long', { seed: 2 ** 31 }, undefined, undefined, ['seed:dropped']],
    ['the longest seeds', { seed: -(2 ** 31) }, undefined, { seed: -(2 ** 31) }, []],
    ['half a seed', { seed: 0.5 }, undefined, undefined, ['seed:dropped']],
    ['empty stop sequences', { stop: ['', 'a'] }, undefined, { stopSequences: ['a'] }, []],
    ['one answer', { choices: 1 }, undefined, undefined, []],
    ['log probabilities', { topLogprobs: 3 }, undefined, undefined, ['logprobs:dropped']],
    ['a user', { endUser: 'u' }, undefined, undefined, ['user:dropped']],
    ['metadata', { metadata: { a: 'b' } }, undefined, undefined, ['metadata:dropped']],
    ['no metadata', { metadata: {} }, undefined, undefined, []],
    ['verbosity', { verbosity: 'low' }, undefined, undefined, ['verbosity:dropped']],
    ['the usual verbosity', { verbosity: 'medium' }, undefined, undefined, []],
    ['a tier', { serviceTier: 'flex' }, undefined, undefined, ['service_tier:dropped']],
    ['the usual tier', { serviceTier: 'default' }, undefined, undefined, []],
    ['a cache key', { promptCacheKey: 'k' }, undefined, undefined, ['prompt_cache_key:dropped']],
    ['a cache', { cache: {} }, undefined, undefined, ['cache_control:dropped']],
    [
      'a cache up to a tool',
      { tools: [{ name: 'a', cache: {} }] },
      undefined,
      undefined,
      ['cache_control:dropped'],
    ],
    [
      'a cache up to a part',
      { messages: [{ role: 'user', content: [{ kind: 'text', text: 'a', cache: {} }] }] },
      undefined,
      undefined,
      ['cache_control:dropped'],
    ],
    [
      'a cache up to a result',
      {
        messages: [
          user('x'),
          assistant(call('a')),
          { role: 'tool', callId: 'a', content: [], cache: {} },
        ],
      },
      undefined,
      undefined,
      ['cache_control:dropped'],
    ],
    [
      'a name of the user',
      { messages: [{ ...user('a'), name: 'Ann' } as ChatMessage] },
      undefined,
      undefined,
      ['name:dropped'],
    ],
    [
      'strange members',
      { rest: { store: true, foo: 1 } },
      undefined,
      undefined,
      ['store:dropped', 'foo:dropped'],
    ],
  ])('%s', (_, members, model, config, warnings) => {
    const encoded = encode(members, model)
    expect(encoded.body.generationConfig).toEqual(config)
    expect(encoded.warnings).toEqual(warnings)
  })

  test.each<[string, Partial<ChatRequest>, object | undefined]>([
    ['n', { choices: 2 }, undefined],
    [
      'stop',
      { stop: ['a', 'b', 'c', 'd', 'e', 'f'] },
      { stopSequences: ['a', 'b', 'c', 'd', 'e'] },
    ],
    ['max_tokens', { maxOutputTokens: 0 }, undefined],
    ['logit_bias', { rest: { logit_bias: { 1: 2 } } }, undefined],
  ])('%s is refused, or given up by those who are lenient', (param, members, config) => {
    expect(thrownBy(() => encode(members))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param },
    })
    const { body, warnings } = encode(members, undefined, 'lenient')
    expect(body.generationConfig).toEqual(config)
    expect(warnings).toEqual([`${param}:dropped`])
  })
})

describe('thinking', () => {
  const thinkingOf = (reasoning: ReasoningWish, model?: string, maxOutputTokens?: number) => {
    const { body, warnings } = encode(
      { reasoning, ...(maxOutputTokens !== undefined && { maxOutputTokens }) },
      model,
    )
    return [body.generationConfig?.thinkingConfig, ...warnings]
  }
  const shown = (control: object) => ({ ...control, includeThoughts: true })
  const lowered = 'reasoning_effort:lowered'
  const raised = 'reasoning_effort:raised'

  test('is left to the model where nobody wishes for anything', () => {
    expect(encode({}).body).not.toHaveProperty('generationConfig')
    expect(thinkingOf({})).toEqual([undefined])
  })

  test.each<[string, ReasoningWish, ...unknown[]]>([
    ['gemini-3.5-flash', { effort: 'none' }, { thinkingLevel: 'MINIMAL' }, raised],
    ['gemini-3.5-flash', { effort: 'minimal' }, shown({ thinkingLevel: 'MINIMAL' })],
    ['gemini-3.7-flash', { effort: 'minimal' }, shown({ thinkingLevel: 'LOW' }), raised],
    ['gemini-3.7-flash', { effort: 'none' }, { thinkingLevel: 'LOW' }, raised],
    ['gemini-3.7-flash', { effort: 'medium' }, shown({ thinkingLevel: 'MEDIUM' })],
    ['gemini-3.7-flash', { effort: 'xhigh' }, shown({ thinkingLevel: 'HIGH' }), lowered],
    ['gemini-3-pro-preview', { effort: 'medium' }, shown({ thinkingLevel: 'LOW' }), lowered],
    ['gemini-4-argon', { budgetTokens: 8192 }, shown({ thinkingLevel: 'MEDIUM' })],
    ['gemini-4-argon', { isAdaptive: true }, shown({})],
    ['gemini-4-argon', { effort: 'high', budgetTokens: 1024 }, shown({ thinkingLevel: 'HIGH' })],
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }],
    ['gemini-2.5-flash', { effort: 'low' }, shown({ thinkingBudget: 1024 })],
    ['gemini-2.5-flash', { effort: 'max' }, shown({ thinkingBudget: 24576 }), lowered],
    ['gemini-2.5-flash', { budgetTokens: 2000 }, shown({ thinkingBudget: 2000 })],
    ['gemini-2.5-flash', { isAdaptive: true }, shown({ thinkingBudget: -1 })],
    ['gemini-2.5-flash-lite', { budgetTokens: 100 }, shown({ thinkingBudget: 512 }), raised],
    ['gemini-2.5-pro', { effort: 'none' }, { thinkingBudget: 128 }, raised],
    ['gemini-2.5-pro', { effort: 'max' }, shown({ thinkingBudget: 32768 })],
    ['gemini-2.0-flash', { effort: 'high' }, undefined, 'reasoning_effort:dropped'],
    ['gemini-2.0-flash', { effort: 'none' }, undefined],
    ['gemini-3.7-flash', { effort: 'high', show: 'omitted' }, { thinkingLevel: 'HIGH' }],
    ['gemini-3.7-flash', { show: 'auto' }, shown({})],
    ['gemini-2.5-flash', { effort: 'none', show: 'auto' }, { thinkingBudget: 0 }],
  ])('%s, %j', (model, wish, ...expected) => {
    expect(thinkingOf(wish, model)).toEqual(expected)
  })

  test.each([
    [1000, 24576, 128],
    [4096, 16384, 3072],
    [20000, 16384, 16384],
  ])('of %i tokens for the answer not all are thought away', (limit, budgetTokens, expected) => {
    expect(thinkingOf({ budgetTokens }, 'gemini-2.5-pro', limit)).toEqual([
      shown({ thinkingBudget: expected }),
    ])
  })
})

describe('output formats', () => {
  const schema = { type: 'object', properties: { a: { const: 'x' } } }
  const outputFormat = { kind: 'json-schema', name: 'n', schema, strict: true } as const
  const responseMimeType = 'application/json'
  const tools = [{ name: 'look' }]

  test('JSON, with a schema or without', () => {
    expect(configOf({ outputFormat: { kind: 'json' } })).toEqual({ responseMimeType })
    expect(configOf({ outputFormat })).toEqual({
      responseMimeType,
      responseJsonSchema: { type: 'object', properties: { a: { enum: ['x'] } } },
    })
    expect(configOf({ outputFormat }, 'gemini-2.0-flash')).toEqual({
      responseMimeType,
      responseSchema: { type: 'OBJECT', properties: { a: { enum: ['x'] } } },
    })
  })

  test('a description goes into the schema, unless it has one', () => {
    const description = 'D'
    const described = configOf({ outputFormat: { ...outputFormat, description } })
    expect(described?.responseJsonSchema).toMatchObject({ description })
    const own = { ...outputFormat, description, schema: { ...schema, description: 'own' } }
    expect(configOf({ outputFormat: own })?.responseJsonSchema).toMatchObject({
      description: 'own',
    })
  })

  test('beside tools, as far as the model has both', () => {
    expect(configOf({ outputFormat, tools })).toHaveProperty('responseJsonSchema')
    expect(thrownBy(() => encode({ outputFormat, tools }, 'gemini-2.5-flash'))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param: 'response_format' },
    })
  })

  test('a call that is forced has none', () => {
    const { body, warnings } = encode({ outputFormat, tools, toolChoice: { kind: 'required' } })
    expect(body.generationConfig).toBeUndefined()
    expect(warnings).toEqual(['response_format:dropped'])
  })
})

describe('the detail of images', () => {
  const source = { kind: 'data', mediaType: 'image/png', data: 'aWNvbg==' } as const
  const image = (detail?: string) => ({ kind: 'image', source, ...(detail && { detail }) }) as const
  const file = { kind: 'file', source: { ...source, mediaType: 'application/pdf' } } as const

  test.each<[object[], string | undefined, string[], string?]>([
    [[image('low')], 'MEDIA_RESOLUTION_LOW', []],
    [[image('high'), image('high')], 'MEDIA_RESOLUTION_HIGH', []],
    [[image(), image('auto'), file], undefined, []],
    [[image('low'), image('high')], undefined, ['detail:dropped']],
    [[image('low'), image()], undefined, ['detail:dropped']],
    [[image('low'), file], undefined, ['detail:dropped']],
    [[image('original')], undefined, ['detail:dropped']],
    [[image('low')], undefined, ['detail:dropped'], 'gemini-2.5-flash'],
  ])('%j: %s', (content, expected, warnings, model) => {
    const messages = [{ role: 'user', content }] as unknown as ChatMessage[]
    const encoded = encode({ messages }, model)
    expect(encoded.body.generationConfig?.mediaResolution).toBe(expected)
    expect(encoded.warnings).toEqual(warnings)
  })
})
