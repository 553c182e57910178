import { describe, expect, test } from 'vitest'
import { providerCatalog } from '../../src/providers/catalog.ts'
import { findProvider } from '../../src/providers/registry.ts'
import { rejectionOf, thrownBy } from '../thrown-by.ts'

const options = { allowLoopbackUpstreams: false, secretNamed: undefined }

const deployments = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`model-${at}`, 'mine']))

describe('the settings of a provider key are taken', () => {
  test.each<[string, unknown, object]>([
    ['openai', undefined, {}],
    ['openai', null, {}],
    ['openai', {}, {}],
    [
      'anthropic',
      { base_url: 'https://api.anthropic.com' },
      { base_url: 'https://api.anthropic.com' },
    ],
    [
      'openai',
      { base_url: 'https://eu.api.openai.com/v1' },
      { base_url: 'https://eu.api.openai.com/v1' },
    ],
    ['xai', { base_url: 'https://us.api.x.ai/v1' }, { base_url: 'https://us.api.x.ai/v1' }],
    ['bedrock', { default_region: 'eu-west-1' }, { default_region: 'eu-west-1' }],
    [
      'google_vertex_ai',
      { location: 'eu', token: 'self_signed' },
      { location: 'eu', token: 'self_signed' },
    ],
    [
      'azure',
      { api_version: '2024-10-21', deployments: { 'gpt-5.5': 'My_dep-1.0' } },
      { api_version: '2024-10-21', deployments: { 'gpt-5.5': 'My_dep-1.0' } },
    ],
    ['azure', { deployments: deployments(100) }, { deployments: deployments(100) }],
  ])('%s: %j', (provider, value, expected) => {
    expect(providerCatalog.parseSettings(provider, value)).toEqual(expected)
  })
})

describe('the settings of a provider key are refused by name', () => {
  test.each<[string, unknown, string]>([
    ['openai', 'canary', 'settings'],
    ['openai', [], 'settings'],
    ['openai', 1, 'settings'],
    ['openai', { unknown: 'canary' }, 'settings.unknown'],
    ['anthropic', { base_url: 'https://api.anthropic.com/v1' }, 'settings.base_url'],
    ['openai', { base_url: null }, 'settings.base_url'],
    ['openai', { base_url: 'https://canary.example/v1' }, 'settings.base_url'],
    ['openai', { base_url: 'https://api.openai.com/v1/' }, 'settings.base_url'],
    ['openai', { base_url: 'https://api.openai.com/v1@canary.example' }, 'settings.base_url'],
    ['openai', { base_url: ['https://api.openai.com/v1'] }, 'settings.base_url'],
    ['mistral', { base_url: 'http://api.mistral.ai/v1' }, 'settings.base_url'],
    ['deepseek', { base_url: 'https://api.deepseek.com/v1' }, 'settings.base_url'],
    ['zai', { base_url: 'https://api.z.ai' }, 'settings.base_url'],
    ['xai', { base_url: 'https://canary.x.ai/v1' }, 'settings.base_url'],
    ['bedrock', { default_region: 'canary' }, 'settings.default_region'],
    ['bedrock', { default_region: 'us-east-1.canary.example' }, 'settings.default_region'],
    ['bedrock', { default_region: 'us-east-1\n' }, 'settings.default_region'],
    ['bedrock', { default_region: 'global' }, 'settings.default_region'],
    ['google_vertex_ai', { location: 'canary' }, 'settings.location'],
    ['google_vertex_ai', { location: 'us/../canary' }, 'settings.location'],
    ['google_vertex_ai', { token: 'canary' }, 'settings.token'],
    ['google_vertex_ai', { token: true }, 'settings.token'],
    ['azure', { api_version: 'canary' }, 'settings.api_version'],
    ['azure', { api_version: '2024-10-21&x=canary' }, 'settings.api_version'],
    ['azure', { api_version: 20241021 }, 'settings.api_version'],
    ['azure', { deployments: 'canary' }, 'settings.deployments'],
    ['azure', { deployments: ['canary'] }, 'settings.deployments'],
    ['azure', { deployments: { x: '../canary' } }, 'settings.deployments'],
    ['azure', { deployments: { x: '' } }, 'settings.deployments'],
    ['azure', { deployments: { x: 1 } }, 'settings.deployments'],
    ['azure', { deployments: { '': 'x' } }, 'settings.deployments'],
    ['azure', { deployments: { ['canary'.repeat(40)]: 'x' } }, 'settings.deployments'],
    ['azure', { deployments: deployments(101) }, 'settings.deployments'],
    ['azure', JSON.parse('{"__proto__":{"api_version":"canary"}}'), 'settings'],
  ])('%s: %j', (provider, value, param) => {
    const error = thrownBy(() => providerCatalog.parseSettings(provider, value))
    expect(error).toMatchObject({ code: 'invalid_request', status: 400, details: { param } })
    expect(String(error)).not.toContain('canary')
  })
})

describe('a pasted credential', () => {
  test.each([
    ['openai', 'sk-0123456789abcdef', 'cdef'],
    ['openai', '0123456789ab', '89ab'],
    ['openai', '0123456789a', null],
    ['openai', ' sk-0123456789abcdef\n', 'cdef'],
    ['bedrock', { global: { api_key: '0123456789abcdef' } }, 'cdef'],
    [
      'bedrock',
      { global: { access_key_id: 'AKIAIOSFODNN7EXAMPLE', secret_access_key: '0123456789wxyz' } },
      'wxyz',
    ],
    ['azure', { endpoint: 'https://r.openai.azure.com', api_key: '0123456789abcdef' }, 'cdef'],
  ])('of %s: %j has the hint %s', async (provider, value, hint) => {
    const parsed = await providerCatalog.parseCredential(provider, value, options)
    expect(parsed.hint).toBe(hint)
    expect(parsed.credential.kind).toBe(findProvider(provider)?.credential.kind)
  })

  test('of no provider is refused by name', async () => {
    const error = await rejectionOf(() =>
      providerCatalog.parseCredential('nobody', 'canary', options),
    )
    expect(error).toMatchObject({ code: 'unknown_provider', details: { param: 'provider' } })
    expect(String(error)).not.toContain('canary')
  })
})
