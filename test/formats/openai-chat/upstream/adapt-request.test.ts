import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compatOf } from '../../../../src/core/compat.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import { packToolCallId } from '../../../../src/core/tool-call-id.ts'
import { adaptRequest } from '../../../../src/formats/openai-chat/flavour.ts'
import { deepseekChatProfile } from '../../../../src/providers/models/deepseek.ts'
import { mistralChatProfile } from '../../../../src/providers/models/mistral.ts'
import { azureChatProfile } from '../../../../src/providers/models/openai.ts'
import { privateChatProfile } from '../../../../src/providers/models/private-models.ts'
import { xaiChatProfile } from '../../../../src/providers/models/xai.ts'
import { zaiChatProfile } from '../../../../src/providers/models/zai.ts'
import { thrownBy } from '../../../thrown-by.ts'
import { adapt, encode, look, plain } from './support.ts'

const mistral = mistralChatProfile('mistral-large-4-0')
const deepseek = deepseekChatProfile('deepseek-v4-pro')
const glm = zaiChatProfile('glm-5.3')
const grok = xaiChatProfile('grok-4.7')
const own = privateChatProfile({})
const flavoured = [mistral, deepseek, glm, grok, own]
const messages = [{ role: 'user', content: 'hello' }]

describe('what the host understands stays as it came', () => {
  test.each([mistral, glm, grok, own].map((profile, n) => [n, profile] as const))(
    '(%i)',
    (_, profile) => {
      const body = {
        model: 'm',
        messages: [
          ...messages,
          { role: 'assistant', content: 'a' },
          { role: 'user', content: 'b' },
        ],
        temperature: 0.5,
        guardrails: [{ a: 1 }],
        chat_template_kwargs: { x: null },
        made_up: null,
      }
      expect(adapt(body, profile)).toEqual({ body, warnings: [] })
    },
  )

  test('hosts that speak exactly get the body itself', () => {
    const body = { messages, max_tokens: 5, anything: 1 }
    const compat = compatOf({ mode: 'strict', target: 'h/m', names: {}, warn: () => undefined })
    for (const profile of [plain, azureChatProfile('gpt-6-sol')]) {
      expect(adaptRequest(body, { model: 'm', profile, compat })).toBe(body)
    }
  })

  test('parts and members of the host’s own', () => {
    const content = [
      { type: 'document_url', document_url: 'https://x.test/a.pdf' },
      { type: 'image_url', image_url: 'https://x.test/a.png' },
      { type: 'text', text: 'hi' },
    ]
    const body = {
      messages: [{ role: 'user', content }],
      safe_prompt: true,
      random_seed: 4,
      tool_choice: 'any',
      tools: [{ type: 'function', function: look }],
    }
    expect(adapt(body, mistral)).toEqual({ body, warnings: [] })
    const thinking = { messages, thinking: { type: 'enabled' }, reasoning_effort: 'ultra' }
    expect(adapt(thinking, deepseek)).toEqual({ body: thinking, warnings: [] })
  })
})

describe('what it would refuse is changed', () => {
  test.each([
    [mistral, { max_completion_tokens: 5 }, { max_tokens: 5 }, []],
    [mistral, { max_completion_tokens: 5, max_tokens: 7 }, { max_tokens: 5 }, []],
    [grok, { max_tokens: 5 }, { max_completion_tokens: 5 }, []],
    [mistral, { seed: 5 }, { random_seed: 5 }, []],
    [mistral, { seed: 5, random_seed: 6 }, { random_seed: 6 }, []],
    [
      mistral,
      { user: 'u', store: true, logprobs: false, logit_bias: {} },
      {},
      ['user:dropped', 'store:dropped'],
    ],
    [mistral, { temperature: 1.9 }, { temperature: 1.5 }, ['temperature:clamped']],
    [mistral, { stream: true, stream_options: { include_usage: true } }, { stream: true }, []],
    [
      mistral,
      { reasoning_effort: 'minimal' },
      { reasoning_effort: 'low' },
      ['reasoning_effort:raised'],
    ],
    [mistral, { parallel_tool_calls: false }, {}, []],
    [deepseek, { n: 1 }, {}, []],
    [
      deepseek,
      { reasoning_effort: 'none', temperature: 0 },
      { thinking: { type: 'disabled' }, temperature: 0 },
      [],
    ],
    [
      deepseek,
      { thinking: { type: 'disabled' }, temperature: 0 },
      { thinking: { type: 'disabled' }, temperature: 0 },
      [],
    ],
    [deepseek, { temperature: 0 }, {}, ['temperature:dropped']],
    [deepseek, { stream: true }, { stream: true, stream_options: { include_usage: true } }, []],
    [glm, { frequency_penalty: 0, presence_penalty: 0.5 }, {}, ['presence_penalty:dropped']],
    [grok, { stop: 'END', presence_penalty: 0 }, {}, ['stop:dropped']],
    [grok, { metadata: { a: 'b' }, metadata_id: 1 }, { metadata_id: 1 }, ['metadata:dropped']],
    [glm, { response_format: { type: 'text' } }, {}, []],
    [own, { max_completion_tokens: 5 }, { max_tokens: 5 }, []],
  ])('(%#) %o', (profile, given, sent, warnings) => {
    expect(adapt({ messages, ...given }, profile)).toEqual({
      body: { messages, ...sent },
      warnings,
    })
  })

  test.each([
    ['n', deepseek, { n: 2 }],
    ['logit_bias', mistral, { logit_bias: { 5: 1 } }],
    ['functions', mistral, { functions: [{ name: 'a' }] }],
    ['web_search_options', mistral, { web_search_options: { a: 1 } }],
    [
      'tool_choice',
      glm,
      { tools: [{ type: 'function', function: look }], tool_choice: 'required' },
    ],
  ])('and refused where it would mean something else: %s', (param, profile, given) => {
    expect(() => adapt({ messages, ...given }, profile)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', details: { param } }),
    )
    expect(adapt({ messages, ...given }, profile, 'lenient').body).not.toHaveProperty(param)
  })

  test('n goes along where several answers can be had', () => {
    expect(adapt({ messages, n: 3 }, mistral).body.n).toBe(3)
  })

  test('roles', () => {
    const list = [
      { role: 'developer', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: 'c' },
      { role: 'developer', content: 'd' },
    ]
    const roles = (profile: typeof plain) =>
      adapt({ messages: list }, profile).body.messages.map(({ role }) => role)
    expect(roles(grok)).toEqual(['system', 'user', 'assistant', 'system'])
    expect(roles(mistral)).toEqual(['system', 'user', 'assistant', 'user'])
    expect(roles(privateChatProfile({ supports_developer_role: true }))).toEqual([
      'developer',
      'user',
      'assistant',
      'developer',
    ])
  })

  test('answers that callers send back as they came', () => {
    const came = {
      role: 'assistant',
      content: 'a',
      refusal: null,
      annotations: [],
      audio: null,
      function_call: null,
      tool_calls: null,
      reasoning_content: 'hm',
      thinking_blocks: [],
    }
    const list = [...messages, came, { role: 'user', content: 'b' }]
    const sent = (profile: typeof plain) => adapt({ messages: list }, profile).body.messages[1]
    expect(sent(mistral)).toEqual({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
        { type: 'text', text: 'a' },
      ],
    })
    expect(sent(grok)).toEqual({ role: 'assistant', content: 'a' })
    const empty = { role: 'assistant', content: [] }
    expect(adapt({ messages: [...messages, empty, ...messages] }, grok).body.messages).toHaveLength(
      2,
    )
    expect(sent(deepseek)).toEqual({ role: 'assistant', content: 'a', reasoning_content: 'hm' })
  })

  test('#34 reasoning with another provider’s proof is not DeepSeek’s', () => {
    const proved = {
      role: 'assistant',
      content: 'a',
      reasoning_content: 'hm',
      thinking_blocks: [{ type: 'thinking', thinking: 'hm', signature: 's' }],
    }
    expect(
      adapt({ messages: [...messages, proved, messages[0]] }, deepseek).body.messages[1],
    ).toEqual({
      role: 'assistant',
      content: 'a',
      reasoning_content: '',
    })
  })

  test('#22 ids of calls, as a translated request has them', () => {
    const packed = packToolCallId({
      id: 'functions.look:0',
      proof: { family: 'gemini', kind: 'signature', value: 'x'.repeat(300) },
    })
    const list = [
      ...messages,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: packed, type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: packed, content: 'ok' },
    ]
    const translated = encode(
      {
        messages: [
          { role: 'user', content: [{ kind: 'text', text: 'hello' }] },
          {
            role: 'assistant',
            content: [{ kind: 'tool-call', id: 'functions.look:0', name: 'look', arguments: '{}' }],
          },
          { role: 'tool', callId: 'functions.look:0', content: [{ kind: 'text', text: 'ok' }] },
        ],
      },
      mistral,
    )
    expect(adapt({ messages: list }, mistral).body.messages).toEqual(translated.body.messages)
    expect(adapt({ messages: list }, grok).body.messages[1].tool_calls[0].id).toBe(
      'functions.look:0',
    )
    expect(adapt({ messages: list }, own).body.messages[2].tool_call_id).toBe(packed)
  })

  test('a schema for the answer', () => {
    const response_format = {
      type: 'json_schema',
      json_schema: { name: 'a', schema: { type: 'object' }, strict: true },
    }
    const { body, warnings } = adapt({ messages, response_format }, deepseek)
    expect(body.response_format).toEqual({ type: 'json_object' })
    expect(body.messages[0].content).toContain('{"type":"object"}')
    expect(warnings).toEqual(['response_format:emulated'])
    expect(adapt({ messages, response_format }, mistral).body.response_format).toEqual(
      response_format,
    )
  })
})

describe('a private model', () => {
  const asked = {
    messages: [{ role: 'assistant', content: null, reasoning: 'hm', refusal: null }, ...messages],
    reasoning_effort: 'xhigh',
    parallel_tool_calls: false,
    tools: [{ type: 'function', function: { ...look, strict: true } }],
    metadata: { a: 'b' },
    service_tier: 'mine',
    verbosity: 'low',
    prompt_cache_key: 'k',
    user: 'x'.repeat(300),
    temperature: 5,
    response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {} } },
    stream: true,
    stream_options: { include_usage: true },
  }

  test('gets what its caller says, as long as nobody says that it cannot', () => {
    expect(adapt(asked, own)).toEqual({ body: asked, warnings: [] })
  })

  test('and does not get what it is said to lack', () => {
    const { body, warnings } = adapt(
      asked,
      privateChatProfile({
        supports_parallel_tools: false,
        supports_json_schema: false,
        supports_stream_options: false,
        replay_reasoning: false,
      }),
    )
    expect(body).not.toHaveProperty('parallel_tool_calls')
    expect(body).not.toHaveProperty('stream_options')
    expect(body.response_format).toEqual({ type: 'json_object' })
    expect(JSON.stringify(body.messages)).not.toContain('hm')
    expect(warnings).toEqual(['parallel_tool_calls:dropped', 'response_format:emulated'])
    expect(() => adapt(asked, privateChatProfile({ supports_tools: false }))).toThrow(GatewayError)
  })
})

describe('any JSON', () => {
  const message = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        role: fc.constantFrom('system', 'developer', 'user', 'assistant', 'tool', 'function'),
        content: fc.oneof(
          fc.string(),
          fc.jsonValue(),
          fc.array(
            fc.oneof(
              fc.jsonValue(),
              fc.record({
                type: fc.constantFrom('text', 'image_url', 'file', 'input_audio'),
                text: fc.jsonValue(),
                file: fc.jsonValue(),
                image_url: fc.jsonValue(),
              }),
            ),
          ),
        ),
        tool_calls: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.oneof(
              fc.jsonValue(),
              fc.record({
                id: fc.jsonValue(),
                type: fc.constantFrom('function', 'custom'),
                custom: fc.jsonValue(),
              }),
            ),
          ),
        ),
        tool_call_id: fc.jsonValue(),
        reasoning_content: fc.jsonValue(),
        thinking_blocks: fc.jsonValue(),
      },
      { requiredKeys: ['role'] },
    ),
  )
  const names = [
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'reasoning_effort',
    'thinking',
    'temperature',
    'top_p',
    'presence_penalty',
    'stop',
    'seed',
    'n',
    'response_format',
    'max_tokens',
    'max_completion_tokens',
    'user',
    'metadata',
    'service_tier',
    'stream',
    'stream_options',
    'verbosity',
    'logit_bias',
    'store',
  ]
  const body = fc
    .tuple(
      fc.oneof(fc.array(message, { maxLength: 5 }), fc.jsonValue()),
      fc.dictionary(fc.constantFrom(...names), fc.jsonValue()),
    )
    .map(([list, members]) => ({ ...members, messages: list }))

  test('is sent on or refused by name, and never changed itself', () => {
    fc.assert(
      fc.property(
        body,
        fc.constantFrom(
          ...flavoured,
          privateChatProfile({ merge_consecutive_roles: true, fold_mid_system: true }),
        ),
        (given, profile) => {
          const before = structuredClone(given)
          const lenient = adapt(given, profile, 'lenient')
          let usual: ReturnType<typeof adapt> | undefined
          const error = thrownBy(() => (usual = adapt(given, profile)))
          expect(given).toEqual(before)
          // What nobody refused is sent in both modes, and nothing is refused that lenience would not have told of.
          if (error === undefined) expect(usual).toEqual(lenient)
          else {
            expect(error).toBeInstanceOf(GatewayError)
            expect(error).toMatchObject({ code: 'unsupported_parameter' })
            expect(lenient.warnings).not.toEqual([])
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

test.each([
  ['mistral', mistralChatProfile('mistral-large-4-0'), false],
  ['a private model', privateChatProfile({}), true],
])('marks for caches and %s', (_, profile, isKept) => {
  const mark = { cache_control: { type: 'ephemeral' }, prompt_cache_breakpoint: { ttl: '12h' } }
  const marked = {
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello', ...mark }], ...mark }],
    tools: [{ type: 'function', function: { name: 'f', parameters: {} }, ...mark }],
  }
  const compat = compatOf({ mode: 'strict', target: 'p/m', names: {}, warn: () => undefined })
  const text = JSON.stringify(adaptRequest(marked, { model: 'm', profile, compat }))
  expect(/cache_control/.test(text)).toBe(isKept)
  expect(/prompt_cache_breakpoint/.test(text)).toBe(isKept)
})
