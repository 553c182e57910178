import { describe, expect, test } from 'vitest'
import type { Credential } from '../../src/core/credentials.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { findProvider, providerOfFamily, providers } from '../../src/providers/registry.ts'

const NAMES = [
  'anthropic',
  'openai',
  'google_vertex_ai',
  'mistral',
  'deepseek',
  'xai',
  'zai',
  'bedrock',
  'azure',
]

test('the providers are these, each found by its name', () => {
  expect(providers.map(({ name }) => name)).toEqual(NAMES)
  expect(providers.map(({ name }) => findProvider(name))).toEqual(providers)
})

test.each(['', 'OpenAI', 'openai ', 'google', 'byom', '__proto__', 'constructor'])(
  '%j is no provider',
  (name) => {
    expect(findProvider(name)).toBeUndefined()
  },
)

describe('a bare model id belongs to the provider of its family', () => {
  test.each([
    ['claude-opus-5-5', 'anthropic'],
    ['gpt-5.5', 'openai'],
    ['chatgpt-5-latest', 'openai'],
    ['o1', 'openai'],
    ['o3-mini', 'openai'],
    ['text-embedding-3-small', 'openai'],
    ['gemini-3.8-flash', 'google_vertex_ai'],
    ['mistral-large-4-0', 'mistral'],
    ['ministral-8b-2512', 'mistral'],
    ['magistral-small', 'mistral'],
    ['codestral-2508', 'mistral'],
    ['deepseek-v4-pro', 'deepseek'],
    ['grok-4.7', 'xai'],
    ['glm-5.3', 'zai'],
  ])('%s: %s', (model, name) => {
    expect(providerOfFamily(model)?.name).toBe(name)
  })

  test.each(['', 'claude', 'xgpt-5', 'us.anthropic.claude-sonnet-4-6', 'llama-3', 'opus', 'GPT-5'])(
    '%j belongs to none',
    (model) => {
      expect(providerOfFamily(model)).toBeUndefined()
    },
  )

  test('and to one only', () => {
    for (const model of providers.flatMap(({ models }) => models)) {
      const owners = providers.filter(({ families }) => families?.test(model))
      expect([model, owners.length <= 1]).toEqual([model, true])
    }
  })
})

const SAMPLE: { readonly [Kind in Credential['kind']]: Credential } = {
  key: { kind: 'key', apiKey: 'secret' },
  aws: { kind: 'aws', regions: { global: { apiKey: 'secret' } } },
  azure: { kind: 'azure', endpoint: 'https://r.openai.azure.com', apiKey: 'secret' },
  endpoint: { kind: 'endpoint', apiKey: 'secret', headers: {} },
  google: { kind: 'google', projectId: 'my-project', clientEmail: 'a@b', privateKey: 'secret' },
}

const siteOf = (provider: Provider) => ({
  credential: SAMPLE[provider.credential.kind],
  settings: {},
  location: provider.locations?.defaultOf({}) ?? '',
})

describe.each(providers)('the row of $name', (provider) => {
  const { native, services } = provider

  test('has a base that is https, without a slash at the end', () => {
    const base = provider.base(siteOf(provider))
    expect(base).toMatch(/^https:\/\/[a-z0-9.-]+(?:\/[a-z0-9]+)*$/)
    expect(new URL(base).href.replace(/\/$/, '')).toBe(base)
  })

  test('has paths that are under the base', () => {
    for (const service of services) {
      for (const wantsStream of [true, false]) {
        const path = service.path({
          model: 'claude-x',
          wantsStream,
          site: siteOf(provider),
        })
        expect(path).toMatch(/^\/[^/?#]/)
      }
    }
  })

  test('names headers in lower case, and none that proves who the caller is', () => {
    const names = [...native.headers, ...Object.keys(native.defaultHeaders ?? {})]
    names.push(...services.flatMap(({ headers }) => headers ?? []))
    for (const name of names) {
      expect(name).toMatch(/^[a-z][a-z0-9-]*\*?$/)
      expect(name).not.toMatch(/^(?:authorization|cookie|.*api-key|.*-(?:secret|token)|\*)$/)
    }
  })

  test('has a dialect for every path', () => {
    for (const path of ['/', '/x', '/v1/anything']) {
      expect(native.dialects.some(([pattern]) => pattern.test(path))).toBe(true)
    }
  })

  test('has patterns that keep no state between two tests', () => {
    const patterns = [provider.families, provider.locations?.pattern]
    patterns.push(native.encodedSlash)
    for (const [pattern] of [...native.dialects, ...native.modelIn]) patterns.push(pattern)
    patterns.push(...services.map(({ models }) => models))
    for (const pattern of patterns) expect(pattern?.flags ?? '').not.toMatch(/[gy]/)
  })

  test('lists each model once', () => {
    expect(new Set(provider.models).size).toBe(provider.models.length)
  })

  test('has a default location that it would take from a caller', () => {
    expect(provider.locations?.pattern.test(provider.locations.defaultOf({})) ?? true).toBe(true)
  })
})
