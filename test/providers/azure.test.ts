import { describe, expect, test } from 'vitest'
import type { AzureCredential } from '../../src/core/credentials.ts'
import type { JsonObject } from '../../src/core/parse.ts'
import { azure } from '../../src/providers/azure.ts'
import type { ServiceCall } from '../../src/providers/provider.ts'
import { compatNoting } from '../support/compat.ts'

const serving = (format: string) => azure.services.find((service) => service.format === format)
const chat = serving('openai-chat')
const responses = serving('openai-responses')
const embeddings = serving('openai-embeddings')

const call = (model: string, settings: JsonObject): ServiceCall<AzureCredential> => ({
  model,
  wantsStream: false,
  site: {
    credential: { kind: 'azure', endpoint: 'https://r.openai.azure.com', apiKey: 'secret' },
    settings,
    location: '',
  },
  body: {},
  headers: new Headers(),
  compat: compatNoting(),
})

const DATED = { api_version: '2025-04-01-preview' }

describe('an operation of Azure', () => {
  test.each([
    [chat, {}, '/openai/v1/chat/completions'],
    [responses, {}, '/openai/v1/responses'],
    [embeddings, {}, '/openai/v1/embeddings'],
    [chat, DATED, '/openai/deployments/gpt-5.5/chat/completions?api-version=2025-04-01-preview'],
    [responses, DATED, '/openai/responses?api-version=2025-04-01-preview'],
    [embeddings, DATED, '/openai/deployments/gpt-5.5/embeddings?api-version=2025-04-01-preview'],
    [
      chat,
      { ...DATED, deployments: { 'gpt-5.5': 'mine' } },
      '/openai/deployments/mine/chat/completions?api-version=2025-04-01-preview',
    ],
    [
      chat,
      { ...DATED, deployments: { other: 'mine' } },
      '/openai/deployments/gpt-5.5/chat/completions?api-version=2025-04-01-preview',
    ],
  ])('%o with %j is at %s', (service, settings, path) => {
    expect(service?.path(call('gpt-5.5', settings))).toBe(path)
  })

  test.each([
    '..',
    '.',
    'a/b',
    '../..',
    'a?b',
    'a#b',
    'a b',
    '%2e%2e',
    'ä',
    '\uD800',
    'x'.repeat(65),
  ])('#37 in the deployment %j is refused by name', (model) => {
    expect(() => chat?.path(call(model, DATED))).toThrow(
      expect.objectContaining({ code: 'invalid_request', details: { param: 'model' } }),
    )
  })

  test.each([
    [{ deployments: { 'gpt-5.5': 'mine' } }, 'mine'],
    [{ deployments: {} }, 'gpt-5.5'],
    [{}, 'gpt-5.5'],
  ])('with %j names the deployment in the body: %s', (settings, model) => {
    expect(chat?.edits(call('gpt-5.5', settings))).toEqual({ set: { model } })
  })

  test('finds no deployment in the prototype', () => {
    expect(chat?.edits(call('toString', { deployments: {} }))).toEqual({
      set: { model: 'toString' },
    })
  })

  test.each([
    ['claude-sonnet-5-5', ['anthropic-messages', 'anthropic-count-tokens']],
    ['gpt-5.5', ['openai-chat', 'openai-responses', 'openai-embeddings']],
    ['my-claude-', ['openai-chat', 'openai-responses', 'openai-embeddings']],
  ])('serves %s as %j', (model, formats) => {
    const found = azure.services.filter(({ models }) => models?.test(model) ?? true)
    expect(found.map(({ format }) => format)).toEqual(formats)
  })
})
