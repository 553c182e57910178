import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  chooseProviderKeys,
  type KeyWish,
} from '../../../src/gateway/target/choose-provider-keys.ts'
import type { SealedProviderKey } from '../../../src/storage/replica/records.ts'
import { thrownBy } from '../../thrown-by.ts'

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
