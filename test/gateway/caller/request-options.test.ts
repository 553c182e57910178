import { describe, expect, test } from 'vitest'
import {
  optionsAt,
  readRequestOptions,
  requestedLocation,
} from '../../../src/gateway/caller/request-options.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import { thrownBy } from '../../thrown-by.ts'

const read = (headers: Record<string, string>) => readRequestOptions(new Headers(headers))

const pairs = (count: number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v'])))

describe('what a caller asks for in headers', () => {
  test('is nothing where there are none', () => {
    expect(read({})).toEqual({
      providerKeyId: undefined,
      location: undefined,
      compat: 'default',
      metadata: {},
    })
  })

  test('is read', () => {
    const headers = {
      'x-keyway-provider-key': 'pk_1',
      'x-keyway-region': 'eu-west-1',
      'x-keyway-compat': 'strict',
      'x-keyway-metadata': '{"team":"search","__proto__":"x"}',
    }
    expect(read(headers)).toEqual({
      providerKeyId: 'pk_1',
      location: 'eu-west-1',
      compat: 'strict',
      metadata: Object.fromEntries([
        ['team', 'search'],
        ['__proto__', 'x'],
      ]),
    })
  })

  test.each([
    ['x-keyway-compat', 'strict'],
    ['x-keyway-compat', 'default'],
    ['x-keyway-compat', 'lenient'],
    ['x-keyway-metadata', '{}'],
    ['x-keyway-metadata', pairs(16)],
  ])('%s may be %s', (name, value) => {
    expect(() => read({ [name]: value })).not.toThrow()
  })

  test.each([
    ['x-keyway-compat', ''],
    ['x-keyway-compat', 'Strict'],
    ['x-keyway-compat', 'canary'],
    ['x-keyway-metadata', ''],
    ['x-keyway-metadata', 'canary'],
    ['x-keyway-metadata', '[]'],
    ['x-keyway-metadata', 'null'],
    ['x-keyway-metadata', '"canary"'],
    ['x-keyway-metadata', '{"a":1}'],
    ['x-keyway-metadata', '{"a":{"b":"canary"}}'],
    ['x-keyway-metadata', pairs(17)],
  ])('%s may not be %s', (name, value) => {
    const error = thrownBy(() => read({ [name]: value }))
    expect(error).toMatchObject({ code: 'invalid_request', status: 400, details: { param: name } })
    expect(String(error)).not.toContain('canary')
  })
})

const at = (name: string, location: string) => {
  const provider = findProvider(name)
  expect.assert(provider !== undefined)
  const options = { providerKeyId: undefined, location, compat: 'default', metadata: {} } as const
  return requestedLocation(provider, options)
}

describe('#37 the region a caller asks for', () => {
  test.each([
    ['bedrock', 'us-east-1'],
    ['bedrock', 'ap-southeast-2'],
    ['bedrock', 'us-gov-west-1'],
    ['bedrock', 'cn-north-1'],
    ['bedrock', 'eusc-de-east-1'],
    ['google_vertex_ai', 'global'],
    ['google_vertex_ai', 'us'],
    ['google_vertex_ai', 'eu'],
    ['google_vertex_ai', 'us-central1'],
    ['google_vertex_ai', 'northamerica-northeast1'],
    ['google_vertex_ai', 'europe-west12'],
  ])('of %s may be %s', (provider, location) => {
    expect(at(provider, location)).toBe(location)
  })

  const HOSTILE = [
    '',
    ' ',
    '..',
    '.',
    'evil.example',
    'evil.example/',
    'us-east-1.evil.example',
    'us-east-1/',
    'us-east-1/../x',
    'us-east-1#',
    'us-east-1?x',
    'us-east-1@evil.example',
    'x@evil.example',
    'us-east-1:443',
    'us-east-1;x',
    'us-east-1%2f',
    '%2e%2e',
    'us-east-1, eu-west-1',
    'US-EAST-1',
    'us_east_1',
    '$&',
    '{region}',
    'localhost',
    '127.0.0.1',
  ]

  test.each(['bedrock', 'google_vertex_ai'])('of %s is never part of another host', (provider) => {
    for (const location of HOSTILE) {
      const error = thrownBy(() => at(provider, location))
      expect([location, error]).toMatchObject([
        location,
        { code: 'invalid_request', details: { param: 'x-keyway-region' } },
      ])
    }
  })

  test('is not what a route has got wrong', () => {
    const options = optionsAt(read({}), 'evil.example')
    const error = thrownBy(() =>
      requestedLocation(findProvider('bedrock') ?? expect.fail(), options),
    )
    expect(error).toHaveProperty('details', {})
    expect(String(error)).toContain("The route's region is not")
    expect(optionsAt(read({ 'x-keyway-region': 'eu' }), 'us')).toEqual(
      read({ 'x-keyway-region': 'eu' }),
    )
  })

  test('is of no matter to a provider that has none', () => {
    expect(at('openai', 'evil.example')).toBeUndefined()
  })
})
