import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  chooseProviderKeys,
  type KeyWish,
  readModelName,
} from '../../../src/gateway/target/choose-targets.ts'
import type { SealedProviderKey } from '../../../src/storage/replica/records.ts'
import { thrownBy } from '../../thrown-by.ts'

describe('a model name stands for a provider and its own model', () => {
  test.each([
    ['openai/gpt-5.5', 'openai', 'gpt-5.5'],
    ['openai/anything at all', 'openai', 'anything at all'],
    ['anthropic/claude-opus-5-5', 'anthropic', 'claude-opus-5-5'],
    ['google_vertex_ai/claude-opus-4-5@20251101', 'google_vertex_ai', 'claude-opus-4-5@20251101'],
    ['bedrock/us.anthropic.claude-sonnet-4-6', 'bedrock', 'us.anthropic.claude-sonnet-4-6'],
    [
      'bedrock/arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd',
      'bedrock',
      'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd',
    ],
    ['azure/my/deployment', 'azure', 'my/deployment'],
    ['openai/openai/x', 'openai', 'openai/x'],
    ['gpt-5.5', 'openai', 'gpt-5.5'],
    ['o3-mini', 'openai', 'o3-mini'],
    ['claude-opus-5-5', 'anthropic', 'claude-opus-5-5'],
    ['gemini-3.8-flash', 'google_vertex_ai', 'gemini-3.8-flash'],
    ['mistral-large-4-0', 'mistral', 'mistral-large-4-0'],
    ['ministral-8b-2512', 'mistral', 'ministral-8b-2512'],
    ['magistral-medium', 'mistral', 'magistral-medium'],
    ['codestral-2508', 'mistral', 'codestral-2508'],
    ['deepseek-flash', 'deepseek', 'deepseek-flash'],
    ['grok-4.7', 'xai', 'grok-4.7'],
    ['glm-5.3', 'zai', 'glm-5.3'],
  ])('%s: %s, %s', (name, provider, model) => {
    expect(readModelName(name)).toMatchObject({ provider: { name: provider }, model })
  })

  test.each([
    ['byom/lab', 'lab', undefined],
    ['byom/lab/llama-4', 'lab', 'llama-4'],
    ['byom/lab/Qwen/Qwen3-8B', 'lab', 'Qwen/Qwen3-8B'],
    ['byom/lab/', 'lab', ''],
    ['byom/', '', undefined],
  ])('%s: the private endpoint %s, %s', (name, endpointName, model) => {
    expect(readModelName(name)).toEqual({ kind: 'endpoint', endpointName, model })
  })

  test.each([
    '',
    '/',
    'byom',
    'byomx/lab',
    'openai/',
    '/gpt-5.5',
    'nobody/gpt-5.5',
    'OpenAI/gpt-5.5',
    'llama-3',
    'toString',
  ])('%j is not known', (name) => {
    expect(thrownBy(() => readModelName(name))).toMatchObject({
      code: 'unknown_model',
      status: 404,
      details: { param: 'model' },
    })
  })
})

const CALLER = 'key_caller'

const sealedKey = fc.record({
  id: fc.stringMatching(/^pk_[a-e]$/),
  sealed: fc.constant('sealed'),
  api_key_ids: fc.subarray([CALLER, 'key_other', 'key_third']),
  priority: fc.nat({ max: 3 }),
  models: fc.subarray(['gpt-*', 'openai/o3', 'xai/*', 'o3', '*mini']),
  disabled: fc.boolean(),
  settings: fc.constant({}),
  created_at: fc.constant('2026-11-20T00:00:00.000Z'),
})

const stored: fc.Arbitrary<SealedProviderKey[]> = fc.uniqueArray(sealedKey, {
  selector: ({ id }) => id,
  maxLength: 5,
})

const wish: fc.Arbitrary<KeyWish> = fc.record({
  provider: fc.constant('openai'),
  apiKeyId: fc.constant(CALLER),
  model: fc.option(fc.constantFrom('gpt-5.5', 'o3', 'o3-mini', 'grok-4.7'), { nil: undefined }),
  isReading: fc.boolean(),
  pinnedId: fc.option(fc.constantFrom('pk_a', 'pk_b', 'pk_z'), { nil: undefined }),
})

/** The words of docs/api.md as one predicate, with the patterns' meaning written out. */
function mayServe(key: SealedProviderKey, { model, isReading, pinnedId }: KeyWish): boolean {
  const MATCHES: Readonly<Record<string, readonly string[]>> = {
    'gpt-*': ['gpt-5.5'],
    'openai/o3': ['o3'],
    'xai/*': [],
    o3: ['o3'],
    '*mini': ['o3-mini'],
  }
  const isAssigned = key.api_key_ids.length === 0 || key.api_key_ids.includes(CALLER)
  const fits =
    key.models.length === 0 ||
    (model === undefined
      ? isReading === true
      : key.models.some((pattern) => MATCHES[pattern]?.includes(model)))
  return !key.disabled && isAssigned && fits && (pinnedId ?? key.id) === key.id
}

const choose = (keys: SealedProviderKey[], wanted: KeyWish): unknown => {
  const error = thrownBy(() => chooseProviderKeys(keys, wanted))
  return error ?? chooseProviderKeys(keys, wanted).map(({ id }) => id)
}

describe('the keys that may serve a request', () => {
  test('are all that fit: assigned ones first, then as stored', () => {
    fc.assert(
      fc.property(stored, wish, (keys, wanted) => {
        const able = keys.filter((key) => mayServe(key, wanted))
        const ids = [
          ...able.filter(({ api_key_ids: assigned }) => assigned.length > 0),
          ...able.filter(({ api_key_ids: assigned }) => assigned.length === 0),
        ].map(({ id }) => id)
        const refusal = expect.objectContaining({ code: 'no_provider_key', status: 400 })
        expect(choose(keys, wanted)).toEqual(ids.length === 0 ? refusal : ids)
      }),
      { numRuns: 5000 },
    )
  })

  test('are never those assigned to another API key', () => {
    fc.assert(
      fc.property(stored, wish, (keys, wanted) => {
        const foreign = keys
          .filter(({ api_key_ids: ids }) => ids.length > 0 && !ids.includes(CALLER))
          .map(({ id }) => id)
        for (const id of foreign) expect(choose(keys, wanted)).not.toContainEqual(id)
      }),
    )
  })

  test('are named by provider where there are none', () => {
    const wanted = { provider: 'openai', apiKeyId: CALLER, model: 'gpt-5.5', pinnedId: undefined }
    expect(String(thrownBy(() => chooseProviderKeys([], wanted)))).toMatch(
      /\bopenai\b.*\bgpt-5\.5\b/,
    )
    const pinned = { ...wanted, pinnedId: 'pk_z' }
    expect(thrownBy(() => chooseProviderKeys([], pinned))).toMatchObject({
      details: { param: 'x-keyway-provider-key' },
    })
  })
})
