import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as responseHeaders from '../../../src/gateway/answer/response-headers.ts'
import { nativeRequestHeaders } from '../../../src/gateway/caller/request-headers.ts'
import { newTrace, type Trace } from '../../../src/gateway/record/trace.ts'
import { providers } from '../../../src/providers/registry.ts'

type Content = Readonly<Record<string, string>>

/** As a client gets them, which takes values that headers can hold. */
const nativeResponseHeaders = (upstream: Headers, trace: Trace): Headers =>
  new Headers(responseHeaders.nativeResponseHeaders(upstream, trace))
const universalResponseHeaders = (upstream: Headers, trace: Trace, content: Content): Headers =>
  new Headers(responseHeaders.universalResponseHeaders(upstream, trace, content))

/** Every header by which a caller could prove who they are, or that speaks of the way to us. */
const NEVER_SENT = [
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'x-keyway-api-key',
  'x-keyway-provider-key',
  'x-keyway-region',
  'x-keyway-metadata',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
  'x-amz-target',
  'x-goog-user-project',
  'x-goog-iam-authorization-token',
  'x-goog-request-params',
  'openai-organization',
  'openai-project',
  'anthropic-workspace-id',
  'anthropic-auth-token',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-real-ip',
  'forwarded',
  'via',
  'traceparent',
  'cf-connecting-ip',
  'cf-ray',
  'cf-access-client-id',
  'cf-access-client-secret',
  'cf-worker',
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'te',
  'upgrade',
  'expect',
  'origin',
  'referer',
  'x-ms-authorization-auxiliary',
  'ocp-apim-subscription-key',
]

const ALWAYS_SENT = [
  'content-type',
  'content-encoding',
  'accept',
  'range',
  'user-agent',
  'x-client-request-id',
  'x-stainless-retry-count',
  'x-stainless-lang',
]

describe.each(providers)('a native request to $name', (provider) => {
  const sent = (name: string): string | undefined =>
    nativeRequestHeaders(provider, new Headers({ [name]: 'canary' }))[name]

  test.each(NEVER_SENT)('#43 leaves %s behind', (name) => {
    expect(sent(name)).toBeUndefined()
  })

  test.each(ALWAYS_SENT)('carries %s', (name) => {
    expect(sent(name)).toBe('canary')
  })

  test.each(provider.native.headers)('carries %s, as its row says', (name) => {
    expect(sent(name.replace('*', 'anything'))).toBe('canary')
  })

  test('carries nothing that is on neither list', () => {
    const always = ALWAYS_SENT.map((name) => name.replace(/-(?:retry-count|lang)$/, '-*'))
    const patterns = [...always, ...provider.native.headers]
    const isAllowed = (name: string): boolean =>
      patterns.some((pattern) =>
        pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name,
      )
    const name = fc.oneof(
      fc.constantFrom(...NEVER_SENT, ...ALWAYS_SENT),
      fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
      fc.constantFrom(...patterns).map((pattern) => `${pattern.replace('*', '')}x`),
      fc.constantFrom(...patterns).map((pattern) => `x${pattern.replace('*', '')}`),
    )
    fc.assert(
      fc.property(fc.array(name, { maxLength: 10 }), (names) => {
        const caller = new Headers(Array.from(new Set(names), (header) => [header, 'canary']))
        for (const [header, value] of Object.entries(nativeRequestHeaders(provider, caller))) {
          const isOurs =
            header === 'accept-encoding' || header in (provider.native.defaultHeaders ?? {})
          expect([header, isOurs || isAllowed(header)]).toEqual([header, true])
          expect(value === 'canary' ? isAllowed(header) : isOurs).toBe(true)
        }
      }),
    )
  })

  test('asks for bytes that are not compressed', () => {
    const caller = new Headers({ 'accept-encoding': 'gzip, br' })
    expect(nativeRequestHeaders(provider, caller)['accept-encoding']).toBe('identity')
  })
})

describe("a provider's required header", () => {
  const provider = providers.find(({ native }) => native.defaultHeaders !== undefined)

  test('is there where the caller left it out, and is the caller’s where not', () => {
    expect.assert(provider !== undefined)
    const [name = '', value = ''] = Object.entries(provider.native.defaultHeaders ?? {}).flat()
    expect(nativeRequestHeaders(provider, new Headers())[name]).toBe(value)
    expect(nativeRequestHeaders(provider, new Headers({ [name]: 'own' }))[name]).toBe('own')
  })
})

describe('the headers of a native answer', () => {
  test.each([
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'set-cookie',
    'alt-svc',
    'strict-transport-security',
  ])('are without %s', (name) => {
    const headers = nativeResponseHeaders(new Headers({ [name]: 'canary' }), newTrace('req_1'))
    expect(headers.has(name)).toBe(false)
  })

  test.each([
    ['x-hop', ['x-hop']],
    ['close, x-hop', ['x-hop']],
    ['X-Hop , x-other', ['x-hop', 'x-other']],
    [',,x-hop,', ['x-hop']],
    ['bad name, x-hop', ['x-hop']],
  ])('are without those that Connection: %s names', (connection, names) => {
    const upstream = new Headers({ connection, 'x-hop': '1', 'x-other': '2', 'x-kept': '3' })
    const headers = nativeResponseHeaders(upstream, newTrace('req_1'))
    expect(names.filter((name) => headers.has(name))).toEqual([])
    expect(headers.get('x-kept')).toBe('3')
  })

  test('are otherwise what the provider sent', () => {
    const sent = {
      'content-type': 'application/json',
      'openai-processing-ms': '12',
      'x-ratelimit-remaining-tokens': '7',
      'retry-after': '3',
      'www-authenticate': 'Bearer',
    }
    const headers = nativeResponseHeaders(new Headers(sent), newTrace('req_1'))
    expect(Object.fromEntries(headers)).toEqual({ ...sent, 'x-keyway-request-id': 'req_1' })
  })
})

describe('the headers of a universal answer', () => {
  test('are the rate limits and the type, and nothing else of the upstream', () => {
    const kept = {
      'content-type': 'application/json',
      'x-ratelimit-limit-requests': '1',
      'x-ratelimitbysize-remaining-minute': '2',
      'anthropic-ratelimit-tokens-reset': '2026-11-20T00:00:00Z',
      'ratelimit-reset': '4',
      'retry-after': '5',
      'retry-after-ms': '5000',
    }
    const dropped = {
      server: 'x',
      'set-cookie': 'x',
      'content-length': '3',
      'content-encoding': 'gzip',
      'openai-organization': 'acme',
      'x-keyway-provider-key': 'pk_spoofed',
      etag: 'x',
    }
    const headers = universalResponseHeaders(
      new Headers({ ...kept, ...dropped }),
      newTrace('req_1'),
      { 'content-type': 'application/json' },
    )
    expect(Object.fromEntries(headers)).toEqual({
      ...kept,
      'content-type': 'application/json',
      'x-keyway-request-id': 'req_1',
      'x-request-id': 'req_1',
      'request-id': 'req_1',
    })
  })
})

test('what an upstream claims to be ours is not handed on', () => {
  const trace = newTrace('req_1')
  trace.timings.set('auth', 1)
  const claimed = new Headers({ 'x-keyway-request-id': 'spoofed', 'server-timing': 'spoofed' })
  const headers = nativeResponseHeaders(claimed, trace)
  expect(headers.get('x-keyway-request-id')).toBe('req_1')
  expect(headers.get('server-timing')).toBe('auth;dur=1.0')
})

describe("the upstream's own request id", () => {
  test.each([
    'x-request-id',
    'request-id',
    'x-amzn-requestid',
    'apim-request-id',
    'mistral-correlation-id',
  ])('is taken from %s', (name) => {
    for (const headersOf of [nativeResponseHeaders, universalResponseHeaders]) {
      const headers = headersOf(new Headers({ [name]: 'id_1' }), newTrace('req_1'), {})
      expect(headers.get('x-keyway-upstream-request-id')).toBe('id_1')
      expect(headers.get('x-keyway-request-id')).toBe('req_1')
    }
  })
})
