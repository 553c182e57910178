import { describe, expect, test } from 'vitest'
import type { ChatMessage, ChatRequest, Effort, ReasoningWish } from '../../../src/core/chat.ts'
import { thrownBy } from '../../thrown-by.ts'
import {
  assistant,
  call,
  CLAUDE_37,
  CLAUDE_45,
  CLAUDE_46,
  CLAUDE_5,
  CLAUDE_55,
  encode,
  GPT,
  GPT_OSS,
  LLAMA,
  NOVA,
  NOVA_2,
  QWEN,
  result,
  tool,
  user,
} from './fixtures.ts'

const STOP_PATHS = { additionalModelResponseFieldPaths: ['/delta/stop_sequence'] }
const fields = (extra: object) => ({ additionalModelRequestFields: extra })
const config = (inferenceConfig: object) => ({ inferenceConfig })

/** What is in the body beside the messages, and what the caller is told. */
function said(members: Partial<ChatRequest>, model = NOVA) {
  const { body, warnings } = encode(members, model)
  const { messages: _, toolConfig: __, ...rest } = body
  return { ...rest, warnings }
}

test('a request without wishes is its messages alone', () => {
  for (const model of [NOVA, NOVA_2, CLAUDE_37, CLAUDE_5, GPT, QWEN]) {
    expect(encode({}, model)).toEqual({
      body: { messages: [{ role: 'user', content: [{ text: 'Hello' }] }] },
      warnings: [],
    })
  }
})

describe('sampling and limits', () => {
  test.each<[Partial<ChatRequest>, string, object, string[]]>([
    [{ maxOutputTokens: 5 }, NOVA, config({ maxTokens: 5 }), []],
    [{ maxOutputTokens: 0 }, NOVA, config({ maxTokens: 1 }), ['max_tokens:raised']],
    [{ maxOutputTokens: 1e6 }, CLAUDE_5, config({ maxTokens: 128_000 }), ['max_tokens:lowered']],
    [{ temperature: 0.5, topP: 0.9 }, NOVA, config({ temperature: 0.5, topP: 0.9 }), []],
    [{ temperature: 1.5 }, NOVA, config({ temperature: 1 }), ['temperature:clamped']],
    [{ temperature: 0 }, CLAUDE_45, config({ temperature: 0 }), []],
    [{ temperature: 0.5, topP: 0.9 }, CLAUDE_45, config({ temperature: 0.5 }), ['top_p:dropped']],
    [{ topP: 0.9 }, CLAUDE_45, config({ topP: 0.9 }), []],
    [{ topK: 5 }, CLAUDE_45, fields({ top_k: 5 }), []],
    [{ topK: 5 }, NOVA, fields({ inferenceConfig: { topK: 5 } }), []],
    [{ topK: 5 }, LLAMA, {}, ['top_k:dropped']],
    // Claude 4.7 and later refuse even the values that would be so anyway.
    [{ temperature: 1, topP: 1 }, CLAUDE_5, {}, []],
    [
      { temperature: 0.5, topP: 0.9, topK: 1 },
      CLAUDE_5,
      {},
      ['temperature:dropped', 'top_p:dropped', 'top_k:dropped'],
    ],
    [{ temperature: 0.5, topP: 0.9 }, GPT, {}, ['temperature:dropped', 'top_p:dropped']],
    [{ stop: ['a', 'b'] }, NOVA, config({ stopSequences: ['a', 'b'] }), []],
    [
      { stop: ['a', ' '] },
      CLAUDE_5,
      { ...config({ stopSequences: ['a'] }), ...STOP_PATHS },
      ['stop:dropped'],
    ],
    [{ stop: ['a'] }, GPT_OSS, {}, ['stop:dropped']],
    [{ stop: ['a'] }, LLAMA, {}, ['stop:dropped']],
  ])('%j for %s is %j %j', (members, model, expected, warnings) => {
    expect(said(members, model)).toEqual({ ...expected, warnings })
  })
})

describe('what Converse has nothing for', () => {
  test.each<[Partial<ChatRequest>, string[]]>([
    [{ presencePenalty: 0, frequencyPenalty: 0, choices: 1, verbosity: 'medium' }, []],
    [
      { presencePenalty: 0.1, frequencyPenalty: 1 },
      ['presence_penalty:dropped', 'frequency_penalty:dropped'],
    ],
    [
      { seed: 1, topLogprobs: 0, verbosity: 'low' },
      ['verbosity:dropped', 'seed:dropped', 'logprobs:dropped'],
    ],
    [{ endUser: 'u', promptCacheKey: 'k' }, ['user:dropped', 'prompt_cache_key:dropped']],
    [{ serviceTier: 'scale' }, ['service_tier:dropped']],
    [{ rest: { store: true, logit_bias: {} } }, ['store:dropped']],
  ])('%j is told: %j', (members, warnings) => {
    expect(said(members)).toEqual({ warnings })
  })

  test.each<[Partial<ChatRequest>, string]>([
    [{ choices: 2 }, 'n'],
    [{ rest: { logit_bias: { 1: 1 } } }, 'logit_bias'],
  ])('%j is refused by name', (members, param) => {
    expect(thrownBy(() => encode(members))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param },
    })
    expect(encode(members, NOVA, 'lenient').warnings).toEqual([`${param}:dropped`])
  })
})

describe('what is asked about the request', () => {
  test.each<[Partial<ChatRequest>, object, string[]]>([
    [{ serviceTier: 'auto' }, {}, []],
    [{ serviceTier: 'default' }, {}, []],
    [{ serviceTier: 'flex' }, { serviceTier: { type: 'flex' } }, []],
    [{ metadata: { team: 'a b', 'x-1': '' } }, { requestMetadata: { team: 'a b', 'x-1': '' } }, []],
    [
      { metadata: { team: 'a', who: 'ä', '': 'b' } },
      { requestMetadata: { team: 'a' } },
      ['metadata:dropped'],
    ],
    [
      { rest: { guardrailConfig: { guardrailIdentifier: 'g' } } },
      { guardrailConfig: { guardrailIdentifier: 'g' } },
      [],
    ],
  ])('%j is %j', (members, expected, warnings) => {
    expect(said(members)).toEqual({ ...expected, warnings })
  })

  test('metadata has sixteen entries at most', () => {
    const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`m${at}`, 'a']))
    const { requestMetadata = {}, warnings } = said({ metadata })
    expect(Object.keys(requestMetadata)).toHaveLength(16)
    expect(warnings).toEqual(['metadata:dropped'])
  })

  test('a member of Converse’s own must be of its kind', () => {
    expect(thrownBy(() => encode({ rest: { guardrailConfig: 'g' } }))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'guardrailConfig' },
    })
  })
})

describe('how hard to think', () => {
  const adaptive = (effort?: Effort, display?: string) =>
    fields({
      thinking: { type: 'adaptive', ...(display === undefined ? {} : { display }) },
      ...(effort === undefined ? {} : { output_config: { effort } }),
    })
  const enabled = (budget: number, maxTokens: number) => ({
    ...fields({ thinking: { type: 'enabled', budget_tokens: budget } }),
    ...config({ maxTokens }),
  })

  test.each<[ReasoningWish, string, object, string[]]>([
    [{ effort: 'high' }, CLAUDE_5, adaptive('high'), []],
    [{ effort: 'minimal' }, CLAUDE_5, adaptive('low'), []],
    [{ effort: 'xhigh' }, CLAUDE_46, adaptive('high'), ['reasoning_effort:lowered']],
    [{ effort: 'max' }, CLAUDE_46, adaptive('max'), []],
    [{ isAdaptive: true, show: 'omitted' }, CLAUDE_5, adaptive(undefined, 'omitted'), []],
    [{ effort: 'low', show: 'detailed' }, CLAUDE_5, adaptive('low', 'summarized'), []],
    [{ budgetTokens: 5000 }, CLAUDE_5, adaptive('medium'), []],
    [{ budgetTokens: 5000 }, CLAUDE_46, enabled(5000, 128_000), []],
    [{ effort: 'none' }, CLAUDE_5, fields({ thinking: { type: 'disabled' } }), []],
    [{ effort: 'none' }, CLAUDE_46, {}, []],
    [
      { effort: 'none' },
      CLAUDE_55,
      fields({ output_config: { effort: 'low' } }),
      ['reasoning_effort:raised'],
    ],
    [
      { effort: 'none' },
      'anthropic.claude-sonnet-5-5',
      fields({ thinking: { type: 'between_tools' } }),
      [],
    ],
    [{ effort: 'low' }, CLAUDE_37, enabled(1024, 64_000), []],
    [{ effort: 'medium' }, CLAUDE_45, enabled(8192, 64_000), []],
    [{ budgetTokens: 100 }, CLAUDE_37, enabled(1024, 64_000), []],
    [{ budgetTokens: 90_000 }, CLAUDE_37, enabled(63_999, 64_000), ['reasoning_effort:lowered']],
    [{ effort: 'none' }, CLAUDE_37, {}, []],
    [
      { effort: 'high' },
      'anthropic.claude-3-haiku-20240307-v1:0',
      {},
      ['reasoning_effort:dropped'],
    ],
    [{ effort: 'high' }, GPT_OSS, fields({ reasoning_effort: 'high' }), []],
    [
      { effort: 'max' },
      GPT_OSS,
      fields({ reasoning_effort: 'high' }),
      ['reasoning_effort:lowered'],
    ],
    [{ effort: 'none' }, GPT_OSS, fields({ reasoning_effort: 'low' }), ['reasoning_effort:raised']],
    [{ effort: 'none' }, GPT, fields({ reasoning: { effort: 'none' } }), []],
    [{ effort: 'max' }, GPT, fields({ reasoning: { effort: 'max' } }), []],
    [
      { effort: 'max' },
      'openai.gpt-5.4',
      fields({ reasoning: { effort: 'xhigh' } }),
      ['reasoning_effort:lowered'],
    ],
    [{ budgetTokens: 10_000 }, GPT, fields({ reasoning: { effort: 'high' } }), []],
    [
      { effort: 'medium' },
      NOVA_2,
      fields({ reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } }),
      [],
    ],
    [{ effort: 'none' }, NOVA_2, {}, []],
    [{ effort: 'none' }, NOVA, {}, []],
    [{ effort: 'low' }, NOVA, {}, ['reasoning_effort:dropped']],
    [{ isAdaptive: true }, GPT, {}, []],
    [{ show: 'auto' }, CLAUDE_5, {}, []],
  ])('%j for %s is %j %j', (reasoning, model, expected, warnings) => {
    expect(said({ reasoning }, model)).toEqual({ ...expected, warnings })
  })

  test('a budget leaves half of a limit that the caller set for the answer', () => {
    expect(said({ reasoning: { effort: 'high' }, maxOutputTokens: 4000 }, CLAUDE_37)).toEqual({
      ...enabled(2000, 4000),
      warnings: ['reasoning_effort:lowered'],
    })
  })

  test('Nova thinks as hard as it can without a limit and with a temperature of its own', () => {
    const members = {
      reasoning: { effort: 'xhigh' },
      maxOutputTokens: 9,
      temperature: 0.1,
    } as const
    expect(said(members, NOVA_2)).toEqual({
      ...fields({ reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } }),
      warnings: ['reasoning_effort:lowered', 'temperature:dropped', 'max_tokens:dropped'],
    })
  })

  test.each([
    [CLAUDE_37, enabled(1024, 64_000)],
    [CLAUDE_46, adaptive('low')],
  ])('%s thinks with a temperature of its own', (model, expected) => {
    expect(said({ reasoning: { effort: 'low' }, temperature: 0.1, topK: 3 }, model)).toEqual({
      ...expected,
      warnings: ['temperature:dropped', 'top_k:dropped'],
    })
  })

  describe('#30 by a budget is left out where Claude would refuse it', () => {
    const proof = { family: 'claude', kind: 'signature', value: 'c2ln' } as const
    const thought = { kind: 'reasoning', text: 'Hm.', proof } as const
    const foreign = { kind: 'reasoning', text: 'Hm.' } as const
    const reasoning = { effort: 'low' } as const
    const tools = [tool()]

    test.each<[string, Partial<ChatRequest>]>([
      ['a call is forced', { tools, toolChoice: { kind: 'required' } }],
      ['there is no room', { maxOutputTokens: 1024 }],
      ['an answer is continued', { messages: [user('a'), assistant('b')] }],
      [
        'tools were called without a thought',
        { tools, messages: [user('a'), assistant(call('c')), result('c', 'b')] },
      ],
      [
        'tools were called with somebody else’s thought',
        {
          tools,
          messages: [user('a'), assistant(foreign, call('c')), result('c', 'b'), user('d')],
        },
      ],
      [
        'tools were called before a thought',
        { tools, messages: [user('a'), assistant(call('c'), thought), result('c', 'b')] },
      ],
    ])('%s', (_, members) => {
      const { warnings, additionalModelRequestFields } = said({ ...members, reasoning }, CLAUDE_37)
      expect(additionalModelRequestFields).toBeUndefined()
      expect(warnings).toEqual(['reasoning_effort:dropped'])
    })

    test.each<[string, ChatMessage[]]>([
      ['with its own thought', [user('a'), assistant(thought, call('c')), result('c', 'b')]],
      [
        'in more than one turn of an answer that began with its own thought',
        [
          user('a'),
          assistant(thought, 'b', call('c')),
          result('c', 'd'),
          assistant(call('e')),
          result('e', 'f'),
        ],
      ],
      [
        'in an earlier answer',
        [user('a'), assistant(call('c')), result('c', 'b'), assistant('d'), user('e')],
      ],
    ])('and kept where tools were called %s', (_, messages) => {
      expect(said({ tools, messages, reasoning }, CLAUDE_37)).toMatchObject({
        ...enabled(1024, 64_000),
        warnings: [],
      })
    })
  })
})
