import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import { type Env, readSettings } from '../../src/storage/env.ts'
import { ADMIN_TOKEN, masterKey, testEnv } from './world.ts'

/** `unknown`, since a binding of the wrong type is what some of them are about. */
function refusal(name: keyof Env, value: unknown): GatewayError {
  const env = testEnv()
  Object.defineProperty(env, name, { value })
  try {
    readSettings(env)
  } catch (error) {
    if (error instanceof GatewayError) return error
  }
  throw new Error('it was not refused')
}

describe('settings', () => {
  test('have defaults for all but the secrets', () => {
    const { ORGANIZATION, DIRECTORY, CONNECTOR, KEYWAY } = testEnv()
    const MASTER_KEYS = masterKey('k1', 1)
    expect(
      readSettings({ ORGANIZATION, DIRECTORY, CONNECTOR, KEYWAY, ADMIN_TOKEN, MASTER_KEYS }),
    ).toEqual({
      adminToken: ADMIN_TOKEN,
      masterKeys: [{ id: 'k1', bytes: new Uint8Array(32).fill(1) }],
      providerBaseUrls: {},
      allowLoopbackUpstreams: false,
      allowedEndpointPorts: [],
      credentialCacheSeconds: 30,
      logRequests: false,
    })
  })

  test('are parsed once for each env', () => {
    const env = testEnv()
    expect(readSettings(env)).toBe(readSettings(env))
  })

  test('base URLs keep their placeholders and prefix and lose the slash at the end', () => {
    const PROVIDER_BASE_URLS = JSON.stringify({
      one: 'https://proxy.example/prefix/v1/',
      two: 'https://bedrock-runtime.{region}.amazonaws.com',
      three: 'http://127.0.0.1:9999/three',
    })
    const env = testEnv({ PROVIDER_BASE_URLS, ALLOW_LOOPBACK_UPSTREAMS: 'true' })
    expect(readSettings(env).providerBaseUrls).toEqual({
      one: 'https://proxy.example/prefix/v1',
      two: 'https://bedrock-runtime.{region}.amazonaws.com',
      three: 'http://127.0.0.1:9999/three',
    })
  })

  test.each([
    ['', []],
    ['8443', [8443]],
    ['8443, 11434,65535', [8443, 11434, 65535]],
  ])('ports beside 443: %j', (ALLOWED_ENDPOINT_PORTS, ports) => {
    expect(readSettings(testEnv({ ALLOWED_ENDPOINT_PORTS })).allowedEndpointPorts).toEqual(ports)
  })

  test.each(['0', '30', '3600'])('a cache of %s seconds is accepted', (seconds) => {
    const env = testEnv({ CREDENTIAL_CACHE_SECONDS: seconds })
    expect(readSettings(env).credentialCacheSeconds).toBe(Number(seconds))
  })
})

const bytes31 = btoa('x'.repeat(31))

test.each<[keyof Env, unknown]>([
  ['ADMIN_TOKEN', undefined],
  ['ADMIN_TOKEN', ''],
  ['ADMIN_TOKEN', 'two words'],
  ['ADMIN_TOKEN', 'canary\n'],
  ['MASTER_KEYS', undefined],
  ['MASTER_KEYS', ''],
  ['MASTER_KEYS', 'canary'],
  ['MASTER_KEYS', `k1:${bytes31}`],
  ['MASTER_KEYS', `k.1:${btoa('canary'.padEnd(32))}`],
  ['MASTER_KEYS', `${masterKey('k1', 1)},`],
  ['MASTER_KEYS', `${masterKey('k1', 1)},${masterKey('k1', 2)}`],
  ['PROVIDER_BASE_URLS', 'canary'],
  ['PROVIDER_BASE_URLS', '[]'],
  ['PROVIDER_BASE_URLS', {}],
  ['PROVIDER_BASE_URLS', '{"one":1}'],
  ['PROVIDER_BASE_URLS', '{"one":"canary"}'],
  ['PROVIDER_BASE_URLS', '{"one":"http://canary.example"}'],
  ['PROVIDER_BASE_URLS', '{"one":"ftp://canary.example"}'],
  ['PROVIDER_BASE_URLS', '{"one":"https://user:canary@one.example"}'],
  ['PROVIDER_BASE_URLS', '{"one":"https://one.example/?key=canary"}'],
  ['PROVIDER_BASE_URLS', '{"one":"https://{canary}.example"}'],
  ['ALLOW_LOOPBACK_UPSTREAMS', 'yes'],
  ['ALLOW_LOOPBACK_UPSTREAMS', ''],
  ['ALLOWED_ENDPOINT_PORTS', 'canary'],
  ['ALLOWED_ENDPOINT_PORTS', '8443,'],
  ['ALLOWED_ENDPOINT_PORTS', '8443 9443'],
  ['ALLOWED_ENDPOINT_PORTS', '0'],
  ['ALLOWED_ENDPOINT_PORTS', '08443'],
  ['ALLOWED_ENDPOINT_PORTS', '65536'],
  ['ALLOWED_ENDPOINT_PORTS', 8443],
  ['CREDENTIAL_CACHE_SECONDS', '-1'],
  ['CREDENTIAL_CACHE_SECONDS', '1.5'],
  ['CREDENTIAL_CACHE_SECONDS', '3601'],
  ['CREDENTIAL_CACHE_SECONDS', 'canary'],
])('%s = %j is refused by name, without its value', (name, value) => {
  const error = refusal(name, value)
  expect(error.code).toBe('misconfigured')
  expect(error.message).toContain(name)
  expect(error.message).not.toMatch(/canary/)
  expect(error.message).not.toContain(bytes31)
})
