import { expect, test } from 'vitest'
import { tokensOfNative } from '../../../src/gateway/caller/request-tokens.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { findProvider } from '../../../src/providers/registry.ts'

const named = (name: string): Provider => findProvider(name) ?? expect.fail()

const JSON_TYPE = { 'content-type': 'application/json' }
const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length)

test.each([
  ['a stream that says how long it is', JSON_TYPE, { 'content-length': '400' }, 'stream', 100],
  // Whoever sends a body in pieces does not pay less.
  ['a body that was read since it does not', JSON_TYPE, {}, bytes(400), 100],
  ['a body that was read', JSON_TYPE, { 'content-length': '400' }, bytes(400), 100],
  ['no body', JSON_TYPE, {}, null, 0],
  ['what is not JSON', { 'content-type': 'image/png' }, {}, bytes(400), 0],
  ['files', JSON_TYPE, {}, bytes(1_000_000), 16_384],
] as const)('%s counts', (_, type, length, body, tokens) => {
  const headers = new Headers({ ...type, ...length })
  const sent = body === 'stream' ? new ReadableStream() : body
  const asked = { provider: named('openai'), path: '/v1/chat/completions' }
  expect(tokensOfNative({ ...asked, method: 'POST' }, headers, sent)).toBe(tokens)
  expect(tokensOfNative({ ...asked, method: 'GET' }, headers, sent)).toBe(0)
})

test.each([
  ['anthropic', '/v1/messages/count_tokens', '/v1/messages'],
  ['openai', '/v1/responses/input_tokens', '/v1/responses'],
  ['azure', '/anthropic/v1/messages/count_tokens', '/anthropic/v1/messages'],
  ['azure', '/openai/v1/responses/input_tokens', '/openai/v1/responses'],
  ['xai', '/v1/tokenize-text', '/v1/responses'],
  ['bedrock', '/model/amazon.nova-pro-v1%3A0/count-tokens', '/model/count-tokens/converse'],
  [
    'google_vertex_ai',
    '/v1/projects/-/locations/global/publishers/google/models/gemini-3.8-flash:countTokens',
    '/v1/projects/-/locations/global/publishers/google/models/gemini-3.8-flash:generateContent',
  ],
  [
    'google_vertex_ai',
    '/v1/projects/-/locations/global/publishers/anthropic/models/count-tokens:rawPredict',
    '/v1/projects/-/locations/global/publishers/anthropic/models/claude-sonnet-5-5:rawPredict',
  ],
])('counting tokens costs none: %s %s', (name, counting, answering) => {
  const provider = named(name)
  const tokensAt = (path: string) =>
    tokensOfNative({ method: 'POST', path, provider }, new Headers(JSON_TYPE), bytes(400))
  expect([tokensAt(counting), tokensAt(answering)]).toEqual([0, 100])
})
