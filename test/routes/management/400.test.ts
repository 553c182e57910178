import { beforeAll, describe, expect, test } from 'vitest'
import { aProviderKey, create, listAll, newOrganization, refusalOf, refused } from './client.ts'

let org = ''
let apiKey = ''
let foreignApiKey = ''

beforeAll(async () => {
  org = await newOrganization()
  apiKey = await create(`/${org}/api-keys`, { name: 'app' })
  foreignApiKey = await create(`/${await newOrganization()}/api-keys`, { name: 'app' })
})

const apiKeyRefusal = (body: object): Promise<object> =>
  refusalOf(`/${org}/api-keys`, { name: 'app', ...body })

const providerKeyRefusal = (body: object): Promise<object> =>
  refusalOf(`/${org}/provider-keys`, { ...aProviderKey, ...body })

const names: readonly [unknown, string][] = [
  [undefined, 'name'],
  [null, 'name'],
  [7, 'name'],
  ['', 'name'],
  ['   ', 'name'],
  ['canary'.repeat(17), 'name'],
  ['canary\u0000', 'name'],
  ['canary\ud800', 'name'],
  [['canary'], 'name'],
  [{ canary: 1 }, 'name'],
]

const patterns: readonly [unknown, string][] = [
  ['canary', 'FIELD'],
  [null, 'FIELD'],
  [{ 0: 'canary' }, 'FIELD'],
  [[1], 'FIELD[0]'],
  [['a', ''], 'FIELD[1]'],
  [['a', 'b', ' '], 'FIELD[2]'],
  [['a', null], 'FIELD[1]'],
  [[['canary']], 'FIELD[0]'],
  [['canary'.repeat(34)], 'FIELD[0]'],
  [Array.from({ length: 101 }, () => 'a'), 'FIELD'],
]

const switches: readonly [unknown, string][] = [
  ['true', 'disabled'],
  [1, 'disabled'],
  [null, 'disabled'],
]

const strangers: readonly [object, string][] = [
  [{ stranger: 1 }, 'stranger'],
  [{ constructor: 1 }, 'constructor'],
  [{ toString: 1 }, 'toString'],
]

describe('an organization', () => {
  test.each(names)('name %j', async (name, param) => {
    expect(await refusalOf('', { name })).toEqual(refused(param))
  })

  test.each([['everything'], [null], [true], ['toString']])('metering %j', async (metering) => {
    expect(await refusalOf('', { name: 'Acme', metering })).toEqual(refused('metering'))
  })

  test.each([['id'], ['created_at'], ['constructor'], ['toString']])(
    'unknown field %s',
    async (field) => {
      expect(await refusalOf('', { name: 'Acme', [field]: 'canary' })).toEqual(refused(field))
    },
  )

  test('a __proto__ field', async () => {
    expect(await refusalOf('', '{"name":"Acme","__proto__":{"canary":1}}')).toEqual(
      refused('__proto__'),
    )
  })
})

describe('an API key', () => {
  test.each(names)('name %j', async (name, param) => {
    expect(await apiKeyRefusal({ name })).toEqual(refused(param))
  })

  test.each(patterns)('models %j', async (models, param) => {
    expect(await apiKeyRefusal({ models })).toEqual(refused(param.replace('FIELD', 'models')))
  })

  test.each<[unknown, string]>([
    ['canary', 'limits'],
    [7, 'limits'],
    [[], 'limits'],
    [{}, 'limits'],
    [{ stranger: 1 }, 'limits.stranger'],
    [{ requests_per_minute: 0 }, 'limits.requests_per_minute'],
    [{ requests_per_minute: 1_000_001 }, 'limits.requests_per_minute'],
    [{ requests_per_minute: 1.5 }, 'limits.requests_per_minute'],
    [{ requests_per_minute: '5' }, 'limits.requests_per_minute'],
    [{ requests_per_minute: null }, 'limits.requests_per_minute'],
    [{ requests_per_minute: 1, tokens_per_minute: -1 }, 'limits.tokens_per_minute'],
    [{ tokens_per_minute: 1_000_000_001 }, 'limits.tokens_per_minute'],
    [{ concurrent_requests: 0 }, 'limits.concurrent_requests'],
    [{ concurrent_requests: 10_001 }, 'limits.concurrent_requests'],
  ])('limits %j', async (limits, param) => {
    expect(await apiKeyRefusal({ limits })).toEqual(refused(param))
  })

  test.each(switches)('disabled %j', async (disabled, param) => {
    expect(await apiKeyRefusal({ disabled })).toEqual(refused(param))
  })

  test.each(strangers)('unknown field in %j', async (fields, param) => {
    expect(await apiKeyRefusal(fields)).toEqual(refused(param))
  })

  test.each<[unknown, string]>([
    ['one', 'providers'],
    [['one', 'canary'], 'providers[1]'],
    [['One'], 'providers[0]'],
    [['toString'], 'providers[0]'],
    [['__proto__'], 'providers[0]'],
    [[null], 'providers[0]'],
  ])('providers %j', async (providers, param) => {
    expect(await apiKeyRefusal({ providers })).toEqual(refused(param))
  })

  test.each([
    'canary',
    '',
    0,
    1893456000,
    true,
    '2030-01-01',
    '2030-02-30T00:00:00Z',
    '2030-01-01T00:00:00',
    '2030-01-01T00:00:00+01:00',
    '2099-11-20T12:00:00.000Z',
    '2020-01-01T00:00:00Z',
    '+275760-09-13T00:00:00.001Z',
  ])('expires_at %j', async (expires_at) => {
    expect(await apiKeyRefusal({ expires_at })).toEqual(refused('expires_at'))
  })
})

describe('a provider key', () => {
  test.each(names)('name %j', async (name, param) => {
    expect(await providerKeyRefusal({ name })).toEqual(refused(param))
  })

  test.each(patterns)('models %j', async (models, param) => {
    expect(await providerKeyRefusal({ models })).toEqual(refused(param.replace('FIELD', 'models')))
  })

  test.each(patterns.filter(([value]) => Array.isArray(value) && value[0] !== 'a'))(
    'api_key_ids %j',
    async (api_key_ids, param) => {
      expect(await providerKeyRefusal({ api_key_ids })).toEqual(
        refused(param.replace('FIELD', 'api_key_ids')),
      )
    },
  )

  test.each(switches)('disabled %j', async (disabled, param) => {
    expect(await providerKeyRefusal({ disabled })).toEqual(refused(param))
  })

  test.each(strangers)('unknown field in %j', async (fields, param) => {
    expect(await providerKeyRefusal(fields)).toEqual(refused(param))
  })

  test.each([undefined, null, 'canary', 'toString', '__proto__', '', 1, ['one']])(
    'provider %j',
    async (provider) => {
      expect(await providerKeyRefusal({ provider })).toEqual(refused('provider'))
    },
  )

  test.each([undefined, null, '', 7])('provider_key %j', async (provider_key) => {
    expect(await providerKeyRefusal({ provider_key })).toEqual(refused('provider_key'))
  })

  test.each([-1, 1001, 1.5, '100', null, 1e300])('priority %j', async (priority) => {
    expect(await providerKeyRefusal({ priority })).toEqual(refused('priority'))
  })

  test('api_key_ids that are missing: whose it is must be said', async () => {
    expect(await providerKeyRefusal({ api_key_ids: undefined })).toEqual(refused('api_key_ids'))
  })

  test('settings that the provider refuses', async () => {
    expect(await providerKeyRefusal({ settings: { canary: 1 } })).toEqual(
      refused('settings.base_url'),
    )
  })

  test.each([
    ['no such key', () => ['key_0000000000000000']],
    ['another organization’s key', () => [foreignApiKey]],
    ['a name from the prototype', () => ['constructor']],
  ])('api_key_ids with %s', async (_, ids) => {
    expect(await providerKeyRefusal({ api_key_ids: ids() })).toEqual(refused('api_key_ids[0]'))
  })

  test('api_key_ids of which the second is unknown', async () => {
    expect(await providerKeyRefusal({ api_key_ids: [apiKey, 'key_canary'] })).toEqual(
      refused('api_key_ids[1]'),
    )
  })

  test('nothing of all this was stored', async () => {
    expect(await listAll(`/${org}/provider-keys`, 100)).toEqual([])
    expect(await listAll(`/${org}/api-keys`, 100)).toHaveLength(1)
  })
})
