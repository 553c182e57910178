import { describe, expect, test } from 'vitest'
import type { Credential } from '../../src/core/credentials.ts'
import type { JsonObject } from '../../src/core/parse.ts'
import { baseUrlOf, withoutRepeatedVersion } from '../../src/providers/base-url.ts'
import type { Provider, Site } from '../../src/providers/provider.ts'
import { findProvider } from '../../src/providers/registry.ts'

function providerNamed(name: string): Provider {
  const provider = findProvider(name)
  expect.assert(provider !== undefined)
  return provider
}

const key: Credential = { kind: 'key', apiKey: 'secret' }
const site = (more: Partial<Site> = {}): Site => ({
  credential: key,
  settings: {},
  location: '',
  ...more,
})

describe('the base of each provider', () => {
  test.each<[string, string, JsonObject, string]>([
    ['openai', '', {}, 'https://api.openai.com/v1'],
    ['openai', '', { base_url: 'https://eu.api.openai.com/v1' }, 'https://eu.api.openai.com/v1'],
    ['anthropic', '', {}, 'https://api.anthropic.com'],
    ['mistral', '', {}, 'https://api.mistral.ai/v1'],
    ['mistral', '', { base_url: 'https://api.eu.mistral.ai/v1' }, 'https://api.eu.mistral.ai/v1'],
    ['deepseek', '', {}, 'https://api.deepseek.com'],
    ['xai', '', {}, 'https://api.x.ai/v1'],
    ['zai', '', {}, 'https://api.z.ai/api/paas/v4'],
    [
      'zai',
      '',
      { base_url: 'https://api.z.ai/api/coding/paas/v4' },
      'https://api.z.ai/api/coding/paas/v4',
    ],
    ['bedrock', 'us-east-1', {}, 'https://bedrock-runtime.us-east-1.amazonaws.com'],
    ['bedrock', 'us-gov-west-1', {}, 'https://bedrock-runtime.us-gov-west-1.amazonaws.com'],
    ['bedrock', 'cn-north-1', {}, 'https://bedrock-runtime.cn-north-1.amazonaws.com.cn'],
    ['bedrock', 'eusc-de-east-1', {}, 'https://bedrock-runtime.eusc-de-east-1.amazonaws.eu'],
    ['google_vertex_ai', 'global', {}, 'https://aiplatform.googleapis.com'],
    ['google_vertex_ai', 'us', {}, 'https://aiplatform.us.rep.googleapis.com'],
    ['google_vertex_ai', 'eu', {}, 'https://aiplatform.eu.rep.googleapis.com'],
    ['google_vertex_ai', 'us-central1', {}, 'https://us-central1-aiplatform.googleapis.com'],
    ['google_vertex_ai', 'europe-west12', {}, 'https://europe-west12-aiplatform.googleapis.com'],
  ])('%s at %j with %j: %s', (name, location, settings, expected) => {
    expect(baseUrlOf(providerNamed(name), site({ location, settings }), {})).toBe(expected)
  })

  test("of Azure is the resource that the credential names, and not a setting's", () => {
    const credential = {
      kind: 'azure',
      endpoint: 'https://r.openai.azure.com',
      apiKey: 's',
    } as const
    const at = site({ credential, settings: { base_url: 'https://evil.example' } })
    expect(baseUrlOf(providerNamed('azure'), at, {})).toBe('https://r.openai.azure.com')
  })
})

describe('a base that the deployment replaces', () => {
  test.each([
    ['openai', 'http://127.0.0.1:9000/openai/v1', '', 'http://127.0.0.1:9000/openai/v1'],
    ['openai', 'http://127.0.0.1:9000/v1/', '', 'http://127.0.0.1:9000/v1'],
    ['bedrock', 'http://127.0.0.1/{region}', 'eu-west-1', 'http://127.0.0.1/eu-west-1'],
    ['bedrock', 'http://{region}.x/{region}/', 'eu-west-1', 'http://eu-west-1.x/eu-west-1'],
    ['google_vertex_ai', 'http://127.0.0.1/{location}', 'us', 'http://127.0.0.1/us'],
  ])('of %s, %s at %j: %s', (name, override, location, expected) => {
    expect(baseUrlOf(providerNamed(name), site({ location }), { [name]: override })).toBe(expected)
  })

  test('is of no matter to another provider', () => {
    const overrides = { openai: 'http://127.0.0.1' }
    expect(baseUrlOf(providerNamed('xai'), site(), overrides)).toBe('https://api.x.ai/v1')
  })
})

describe('the version that a base ends in may be said again', () => {
  test.each([
    ['openai', '/v1/models', '/models'],
    ['openai', '/models', '/models'],
    ['openai', '/v1/v1/models', '/v1/models'],
    ['openai', '/v10/models', '/v10/models'],
    ['openai', '/v1beta/models', '/v1beta/models'],
    ['openai', '/v4/models', '/v4/models'],
    ['openai', '/v1', '/v1'],
    ['mistral', '/v1/chat/completions', '/chat/completions'],
    ['xai', '/v1/responses', '/responses'],
    ['zai', '/v4/chat/completions', '/chat/completions'],
    ['zai', '/v1/chat/completions', '/v1/chat/completions'],
    ['anthropic', '/v1/messages', '/v1/messages'],
    ['deepseek', '/v1/chat/completions', '/v1/chat/completions'],
    ['deepseek', '/anthropic/v1/messages', '/anthropic/v1/messages'],
  ])('of %s: %s is %s', (name, path, expected) => {
    expect(withoutRepeatedVersion(providerNamed(name), site(), path)).toBe(expected)
  })
})
