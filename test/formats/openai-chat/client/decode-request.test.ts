import { describe, expect, test } from 'vitest'
import { decoded, fault, faultOf } from './fixtures.ts'

const TOOLS = [{ type: 'function', function: { name: 'get' } }]

describe('a body with nothing but a question', () => {
  test('asks for nothing else', () => {
    expect(decoded()).toEqual({
      messages: [{ role: 'user', content: [{ kind: 'text', text: 'hi' }] }],
      tools: [],
      stop: [],
      stream: false,
      rest: {},
    })
  })

  test('and nulls, asks for nothing else either', () => {
    const nulls = {
      tools: null,
      tool_choice: null,
      parallel_tool_calls: null,
      max_completion_tokens: null,
      max_tokens: null,
      temperature: null,
      top_p: null,
      n: null,
      seed: null,
      stop: null,
      logprobs: null,
      top_logprobs: null,
      reasoning_effort: null,
      response_format: null,
      user: null,
      metadata: null,
      stream: null,
      stream_options: null,
      logit_bias: null,
      store: null,
    }
    expect(decoded(nulls)).toEqual(decoded())
  })
})

describe('a wish becomes', () => {
  test.each([
    [{ max_tokens: 5 }, { maxOutputTokens: 5 }],
    [{ max_completion_tokens: 6 }, { maxOutputTokens: 6 }],
    [{ max_completion_tokens: 6, max_tokens: 5 }, { maxOutputTokens: 6 }],
    [{ temperature: 0 }, { temperature: 0 }],
    [
      { temperature: 2, top_p: 1 },
      { temperature: 2, topP: 1 },
    ],
    [{ top_k: 40 }, { topK: 40 }],
    [{ top_k: -1 }, {}],
    [
      { presence_penalty: -2, frequency_penalty: 2 },
      { presencePenalty: -2, frequencyPenalty: 2 },
    ],
    [{ seed: -7 }, { seed: -7 }],
    [{ seed: 2 ** 60 }, { seed: 2 ** 60 }],
    [{ n: 3 }, { choices: 3 }],
    [{ n: 1 }, {}],
    [{ stop: 'END' }, { stop: ['END'] }],
    [{ stop: ['a', 'b', 'c', 'd', 'e'] }, { stop: ['a', 'b', 'c', 'd', 'e'] }],
    [{ stop: ['', '\n'] }, { stop: ['\n'] }],
    [{ stop: '' }, { stop: [] }],
    [{ logprobs: true }, { topLogprobs: 0 }],
    [{ logprobs: true, top_logprobs: 4 }, { topLogprobs: 4 }],
    [{ logprobs: false }, {}],
    [{ top_logprobs: 0 }, {}],
    [{ reasoning_effort: 'xhigh' }, { reasoning: { effort: 'xhigh' } }],
    [{ reasoning_effort: 'none' }, { reasoning: { effort: 'none' } }],
    [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, { reasoning: { budgetTokens: 2048 } }],
    [{ thinking: { type: 'enabled' } }, { reasoning: { isAdaptive: true } }],
    [
      { thinking: { type: 'adaptive', display: 'summarized' }, reasoning_effort: 'low' },
      { reasoning: { isAdaptive: true, show: 'summarized', effort: 'low' } },
    ],
    [
      { thinking: { type: 'disabled' }, reasoning_effort: 'high' },
      { reasoning: { effort: 'none' } },
    ],
    [{ response_format: { type: 'text' } }, {}],
    [{ response_format: { type: 'json_object' } }, { outputFormat: { kind: 'json' } }],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'n' } } },
      { outputFormat: { kind: 'json' } },
    ],
    [
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'n', description: 'd', strict: true, schema: { type: 'object' } },
        },
      },
      {
        outputFormat: {
          kind: 'json-schema',
          name: 'n',
          description: 'd',
          strict: true,
          schema: { type: 'object' },
        },
      },
    ],
    [{ verbosity: 'low' }, { verbosity: 'low' }],
    [{ user: 'u' }, { endUser: 'u' }],
    [{ user: 'u', safety_identifier: 's' }, { endUser: 's' }],
    [{ metadata: { a: 'b' } }, { metadata: { a: 'b' } }],
    [{ service_tier: 'flex' }, { serviceTier: 'flex' }],
    [{ prompt_cache_key: 'k' }, { promptCacheKey: 'k' }],
    [{ cache_control: { type: 'ephemeral', ttl: '1h' } }, { cache: { ttl: '1h' } }],
    [{ stream: true }, { stream: true }],
    [
      { stream: true, stream_options: { include_usage: true } },
      { stream: true, includeUsage: true },
    ],
    [{ stream_options: { include_usage: false } }, { includeUsage: false }],
    [{ stream_options: { include_obfuscation: true } }, {}],
  ])('%j: %j', (members, expected) => {
    expect(decoded(members)).toEqual({ ...decoded(), ...expected })
  })

  test('what it was, where the model has no slot for it', () => {
    const rest = {
      logit_bias: { 50256: -100 },
      store: false,
      functions: [{ name: 'f' }],
      function_call: 'auto',
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy', format: 'mp3' },
      prediction: { type: 'content', content: 'x' },
      web_search_options: {},
      prompt_cache_retention: '24h',
      min_p: 0.1,
      thinking: { type: 'enabled', clear_thinking: false },
    }
    expect(decoded(rest)).toEqual({ ...decoded(), rest })
  })

  test('a note, where it is an option of streams that nobody else has', () => {
    const options = { include_usage: true, continuous_usage_stats: true }
    expect(decoded({ stream: true, stream_options: options })).toMatchObject({
      includeUsage: true,
      untranslated: [{ parameter: 'continuous_usage_stats' }],
    })
  })

  test.each([[{ tool_choice: 'required' }], [{ tool_choice: { type: 'nonsense' } }]])(
    '#29 nothing, where %j comes without tools',
    (members) => {
      expect(decoded(members)).toEqual(decoded())
      expect(decoded({ ...members, tools: [], parallel_tool_calls: true })).toEqual(decoded())
    },
  )

  test('a limit of one tool call, with tools', () => {
    expect(decoded({ tools: TOOLS, parallel_tool_calls: false })).toMatchObject({
      parallelToolCalls: false,
    })
  })
})

describe('is refused, naming the field:', () => {
  test.each([
    ['messages', { messages: undefined }],
    ['messages', { messages: null }],
    ['messages', { messages: 'hi' }],
    ['messages', { messages: [] }],
    ['messages.0', { messages: ['hi'] }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: 0, max_completion_tokens: 5 }],
    ['max_completion_tokens', { max_completion_tokens: 1.5 }],
    ['temperature', { temperature: 2.1 }],
    ['temperature', { temperature: '1' }],
    ['top_p', { top_p: -0.1 }],
    ['top_k', { top_k: 1.5 }],
    ['presence_penalty', { presence_penalty: 3 }],
    ['frequency_penalty', { frequency_penalty: -3 }],
    ['seed', { seed: 0.5 }],
    ['seed', { seed: 1e30 }],
    ['n', { n: 0 }],
    ['n', { n: 129 }],
    ['stop', { stop: 7 }],
    ['stop.1', { stop: ['a', 7] }],
    ['logprobs', { logprobs: 1 }],
    ['top_logprobs', { logprobs: true, top_logprobs: 21 }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['reasoning_effort', { reasoning_effort: 'extreme' }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled', budget_tokens: 0 } }],
    ['response_format', { response_format: 'json' }],
    ['response_format.type', { response_format: {} }],
    ['response_format.type', { response_format: { type: 'yaml' } }],
    ['response_format.json_schema', { response_format: { type: 'json_schema' } }],
    [
      'response_format.json_schema.name',
      { response_format: { type: 'json_schema', json_schema: { schema: {} } } },
    ],
    ['metadata', { metadata: { a: 1 } }],
    ['cache_control.type', { cache_control: {} }],
    ['cache_control.ttl', { cache_control: { type: 'ephemeral', ttl: '2h' } }],
    ['stream', { stream: 'true' }],
    ['stream_options', { stream_options: true }],
    ['stream_options.include_usage', { stream_options: { include_usage: 1 } }],
    ['tools', { tools: {} }],
    ['parallel_tool_calls', { tools: TOOLS, parallel_tool_calls: 'no' }],
  ])('%s in %j', (param, members) => {
    expect(faultOf(members)).toMatchObject(fault(param) as object)
  })
})
