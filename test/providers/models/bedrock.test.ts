import { describe, expect, test } from 'vitest'
import { converseProfile } from '../../../src/providers/models/bedrock.ts'

/** A model of each family, and who made it. */
const MAKERS = [
  ['amazon.nova-lite-v1:0', 'amazon'],
  ['amazon.nova-2-lite-v1:0', 'amazon'],
  ['amazon.titan-text-express-v1', 'amazon'],
  ['meta.llama4-maverick-17b-instruct-v1:0', 'meta'],
  ['mistral.mistral-large-3-675b-instruct', 'mistral'],
  ['deepseek.v3.2', 'deepseek'],
  ['openai.gpt-oss-20b-1:0', 'openai'],
  ['openai.gpt-5.6-terra', 'openai'],
  ['openai.gpt-6-sol', 'openai'],
  ['qwen.qwen3-235b-a22b-2507-v1:0', 'qwen'],
  ['moonshotai.kimi-k2.5', 'moonshot'],
  ['minimax.minimax-m2.1', 'minimax'],
  ['google.gemma-3-27b-it', 'google'],
  ['nvidia.nemotron-nano-3-30b', 'nvidia'],
  ['zai.glm-4.7', 'zai'],
  ['xai.grok-4.6', 'xai'],
  ['cohere.command-r-plus-v1:0', 'cohere'],
  ['ai21.jamba-1-5-large-v1:0', 'ai21'],
  ['writer.palmyra-x5-v1:0', 'writer'],
] as const

describe('a model is known', () => {
  test.each(MAKERS)('%s is made by %s', (model, maker) => {
    expect(converseProfile(model).proofs).toEqual({ family: 'converse', maker })
  })

  test.each(MAKERS)('%s is the same behind a profile of regions, and in an ARN', (model) => {
    const profile = converseProfile(model)
    for (const region of ['us', 'us-gov', 'eu', 'apac', 'jp', 'au', 'ca', 'global']) {
      expect(converseProfile(`${region}.${model}`)).toEqual(profile)
    }
    const arn = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.${model}`
    expect(converseProfile(arn)).toEqual(profile)
    expect(
      converseProfile(`arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/${model}`),
    ).toEqual(profile)
  })

  test.each([
    'anthropic.claude-sonnet-4-6',
    'us.anthropic.claude-sonnet-4-6',
    'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-6',
  ])('%s is Claude', (model) => {
    expect(converseProfile(model)).toMatchObject({
      proofs: { family: 'claude', maker: '' },
      reasoning: { kind: 'claude', thinking: ['manual', 'adaptive', 'disabled'] },
      tools: { hasClaudeChoice: true, hasStatus: true },
      sampling: { saysStopSequence: true, topK: ['top_k'] },
    })
  })
})

describe('ids that tell nothing get what is common to all', () => {
  const common = converseProfile('')
  test.each([
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh',
    'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/amazon.nova-lite',
    'arn:aws:bedrock:us-east-1:123456789012:custom-model/meta.llama/abc',
    'acme.model-1',
    'us.acme.model-1',
    'toString',
  ])('%s', (model) => {
    expect(converseProfile(model)).toBe(common)
  })

  test('which is words, pictures, documents and tools, and nothing of one family alone', () => {
    expect(common).toMatchObject({
      media: { images: true, documents: true, audio: false },
      tools: {
        isSupported: true,
        forced: ['any', 'tool'],
        hasClaudeChoice: false,
        hasStrict: false,
      },
      sampling: { temperature: true, topP: true, stop: true },
      reasoning: { kind: 'none' },
      caching: { places: [] },
      hasOutputFormat: false,
    })
    expect(common.sampling.topK).toBeUndefined()
  })
})

describe('the longest family decides', () => {
  test.each<[string, object]>([
    ['amazon.nova-micro-v1:0', { media: { images: false, documents: false } }],
    [
      'amazon.nova-premier-v1:0',
      { media: { images: true, s3: true }, reasoning: { kind: 'none' } },
    ],
    ['amazon.nova-2-lite-v1:0', { reasoning: { kind: 'effort', unlimitedFrom: 'high' } }],
    ['amazon.titan-text-lite-v1', { takesSystem: false, tools: { isSupported: false } }],
    ['meta.llama3-8b-instruct-v1:0', { tools: { isSupported: false } }],
    [
      'meta.llama3-1-8b-instruct-v1:0',
      { tools: { isSupported: true, forced: [] }, media: { images: false } },
    ],
    ['meta.llama3-2-1b-instruct-v1:0', { tools: { isSupported: false } }],
    ['meta.llama3-2-90b-instruct-v1:0', { tools: { isSupported: true }, media: { images: true } }],
    ['meta.llama4-scout-17b-instruct-v1:0', { media: { images: true }, sampling: { stop: false } }],
    ['mistral.mistral-7b-instruct-v0:2', { takesSystem: false, tools: { isSupported: false } }],
    [
      'mistral.mistral-large-2407-v1:0',
      { tools: { forced: ['any'], ids: 'nine-alphanumerics' }, hasOutputFormat: false },
    ],
    ['mistral.ministral-3-8b-instruct', { hasOutputFormat: true, media: { images: true } }],
    ['mistral.voxtral-small-24b-2507', { media: { audio: true } }],
    ['deepseek.r1-v1:0', { tools: { isSupported: false }, hasOutputFormat: false }],
    ['deepseek.v3-v1:0', { tools: { isSupported: true }, hasOutputFormat: true }],
    [
      'openai.gpt-oss-120b-1:0',
      { sampling: { temperature: true, stop: false }, hasOutputFormat: true },
    ],
    ['openai.gpt-5.5', { sampling: { temperature: false, topP: false, stop: false } }],
    ['qwen.qwen3-vl-235b-a22b', { media: { images: true } }],
    ['qwen.qwen3-32b-v1:0', { media: { images: false } }],
    ['cohere.command-r-v1:0', { sampling: { topK: ['k'] }, tools: { forced: [] } }],
  ])('%s: %j', (model, traits) => {
    expect(converseProfile(model)).toMatchObject(traits)
  })

  test.each([
    ['openai.gpt-oss-20b-1:0', ['low', 'medium', 'high']],
    ['openai.gpt-5.4', ['none', 'low', 'medium', 'high', 'xhigh']],
    ['openai.gpt-5.6-luna', ['none', 'low', 'medium', 'high', 'xhigh', 'max']],
    ['openai.gpt-6-astra', ['low', 'medium', 'high', 'xhigh', 'max']],
    ['openai.gpt-7', ['low', 'medium', 'high', 'xhigh', 'max']],
  ])('%s thinks with the efforts %j', (model, efforts) => {
    expect(converseProfile(model).reasoning).toMatchObject({ kind: 'effort', efforts })
  })
})

describe('Claude', () => {
  test.each<[string, object]>([
    [
      'anthropic.claude-3-haiku-20240307-v1:0',
      { caching: { places: [] }, canContinueAnswer: true },
    ],
    [
      'anthropic.claude-3-7-sonnet-20250219-v1:0',
      { caching: { places: ['tools', 'system', 'messages'], hasHour: false } },
    ],
    [
      'anthropic.claude-opus-4-1-20250805-v1:0',
      { caching: { hasHour: false }, sampling: { isEitherOr: true } },
    ],
    ['anthropic.claude-sonnet-4-20250514-v1:0', { caching: { hasHour: false } }],
    [
      'anthropic.claude-opus-4-5-20251101-v1:0',
      { caching: { hasHour: true }, hasOutputFormat: true, tools: { hasStrict: true } },
    ],
    [
      'anthropic.claude-opus-4-8',
      { sampling: { temperature: false }, hasOutputFormat: false, canContinueAnswer: false },
    ],
    ['anthropic.claude-opus-5-5', { tools: { forced: [] }, caching: { hasHour: true } }],
    ['anthropic.claude-newest-9', { tools: { forced: [] }, sampling: { topP: false } }],
  ])('%s: %j', (model, traits) => {
    expect(converseProfile(model)).toMatchObject(traits)
  })
})
