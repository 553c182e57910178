import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answer,
  type Call,
  call,
  chatCall,
  messagesCall,
  nativeCall,
} from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { BAD_REQUEST_MESSAGE, type Fault } from '../upstreams/stand-ins.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization({ providers: ['openai', 'anthropic', 'bedrock'] })
})
afterAll(() => keyway[Symbol.asyncDispose]())

const messages = [{ role: 'user', content: 'Hello' }]

/** The error of an answer, and that it has the surface's shape and no more. */
function errorOf(answer: Answer, shape: 'openai' | 'anthropic'): Record<string, unknown> {
  const json = answer.json as { error: Record<string, unknown> }
  if (shape === 'anthropic') {
    expect(json).toEqual({
      type: 'error',
      error: { type: expect.any(String), message: expect.any(String) },
      request_id: answer.headers.get('x-keyway-request-id'),
    })
  } else {
    expect(Object.keys(json)).toEqual(['error'])
    expect(Object.keys(json.error).toSorted()).toEqual(['code', 'message', 'param', 'type'])
  }
  return json.error
}

const BAD_INPUT: readonly (readonly [
  name: string,
  request: Partial<Call>,
  status: number,
  code: string,
  param: string | null,
])[] = [
  ['a body that is not JSON', { body: '{"model":' }, 400, 'invalid_json', null],
  ['an empty body', { body: '' }, 400, 'invalid_json', null],
  ['a body that is a list', { body: [] }, 400, 'invalid_request', null],
  ['no model', { body: { messages } }, 400, 'invalid_request', 'model'],
  ['a model that is a number', { body: { model: 4, messages } }, 400, 'invalid_request', 'model'],
  ['an empty model', { body: { model: '', messages } }, 400, 'invalid_request', 'model'],
  [
    'a stream that is not yes or no',
    { body: { model: 'openai/gpt-4.1', stream: 'yes', messages } },
    400,
    'invalid_request',
    'stream',
  ],
  [
    'a model with half a character',
    { body: '{"model":"openai/\\ud800","messages":[]}' },
    400,
    'invalid_request',
    'model',
  ],
  ['an unknown model', { body: { model: 'no-such', messages } }, 404, 'unknown_model', 'model'],
  ['an unknown prefix', { body: { model: 'no/such', messages } }, 404, 'unknown_model', 'model'],
  [
    'a provider without a model',
    { body: { model: 'openai/', messages } },
    404,
    'unknown_model',
    'model',
  ],
  [
    'a model named like a property of every object',
    { body: { model: '__proto__/constructor', messages } },
    404,
    'unknown_model',
    'model',
  ],
  [
    'a provider that the organization has no key for',
    { body: { model: 'mistral/mistral-large-4-0', messages, max_tokens: 9 } },
    400,
    'no_provider_key',
    null,
  ],
  [
    'metadata that is not JSON',
    { headers: { 'x-keyway-metadata': 'team=a' } },
    400,
    'invalid_request',
    'x-keyway-metadata',
  ],
  [
    'metadata that is not text',
    { headers: { 'x-keyway-metadata': '{"team":1}' } },
    400,
    'invalid_request',
    'x-keyway-metadata',
  ],
  [
    'an unknown way of compatibility',
    { headers: { 'x-keyway-compat': 'loose' } },
    400,
    'invalid_request',
    'x-keyway-compat',
  ],
  [
    'a provider key of nobody',
    { headers: { 'x-keyway-provider-key': 'pk_nobodys' } },
    400,
    'no_provider_key',
    'x-keyway-provider-key',
  ],
]

describe.each([
  ['chat', chatCall, 'openai'],
  ['messages', messagesCall, 'anthropic'],
] as const)('bad input on %s', (_, request, shape) => {
  test.each(BAD_INPUT)('%s', async (_name, change, status, code, param) => {
    const answer = await call(keyway, organization, { ...request, ...change })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('x-keyway-error-code')).toBe(code)
    expect(answer.headers.get('x-should-retry')).toBe('false')
    const error = errorOf(answer, shape)
    if (shape === 'openai') expect(error).toMatchObject({ code, param })
  })

  test('a body over 32 MiB, with its length or without', async () => {
    const large = `{"model":"openai/gpt-4.1","messages":"${'x'.repeat(33 * 1024 * 1024)}"}`
    const declared = await call(keyway, organization, { ...request, body: large }).catch(
      () => undefined,
    )
    // The answer comes before the body was read, and a client that is still writing may not see it.
    if (declared) expect([declared.status, errorOf(declared, shape)['type']]).toContain(413)
    const chunked = {
      method: 'POST',
      headers: { 'x-api-key': organization.apiKey },
      body: new Blob([large]).stream(),
      duplex: 'half',
    }
    const response = await fetch(keyway.url + request.path, chunked).catch(() => undefined)
    if (response) {
      expect(response.status).toBe(413)
      expect(response.headers.get('x-keyway-error-code')).toBe('request_too_large')
      await response.text()
    }
    expect(declared ?? response).toBeDefined()
  })
})

describe('on the native surface', () => {
  test.each([
    ['/native/nobody/v1/models', 404, 'unknown_provider'],
    ['/native/byom/mine/v1/models', 404, 'unknown_endpoint'],
    ['/native/mistral/v1/models', 400, 'no_provider_key'],
    ['/native/bedrock/model/m/converse', 400, 'invalid_request'],
  ])('%s is %i %s', async (path, status, code) => {
    const headers = { 'x-keyway-region': 'a.b' }
    const answer = await call(keyway, organization, { path, body: {}, headers })
    expect([answer.status, errorOf(answer, 'openai')['code']]).toEqual([status, code])
  })

  test('what is not there is not found, in the shape of its surface', async () => {
    const elsewhere = await call(keyway, organization, { path: '/v2/everything', method: 'GET' })
    expect([elsewhere.status, errorOf(elsewhere, 'openai')['code']]).toEqual([404, 'not_found'])
    const messagesPath = await call(keyway, organization, {
      path: '/v1/messages/batches',
      body: {},
    })
    expect(errorOf(messagesPath, 'anthropic')['type']).toBe('not_found_error')
  })

  test.each([
    ['/chat/completions', 'openai', 'has no /v1'],
    ['/openai/responses', 'openai', 'has no /v1'],
    ['/messages', 'anthropic', 'has no /v1'],
    ['/v1/v1/messages', 'anthropic', "Anthropic's SDKs want a base URL without /v1"],
    ['/v1/v1/models', 'openai', "Anthropic's SDKs want a base URL without /v1"],
    ['/v1/v1/chat/completions', 'openai', '/v1 twice'],
    ['/openai/v1/v1/responses', 'openai', '/v1 twice'],
    ['/v1/chat', 'openai', '/openapi.json'],
  ] as const)('%s is not found, with advice on the base URL', async (path, shape, advice) => {
    const answer = await call(keyway, organization, { path, body: {} })
    expect(answer.status).toBe(404)
    expect(errorOf(answer, shape)['message']).toContain(advice)
  })
})

const FAULTS: readonly (readonly [
  name: string,
  fault: Fault,
  status: number,
  code: string,
  canRetry: boolean,
])[] = [
  ['refuses every key', { kind: 'refuse' }, 403, 'upstream_rejected_key', false],
  ['refuses with 403', { kind: 'refuse', status: 403 }, 403, 'upstream_rejected_key', false],
  ['limits the rate', { kind: 'rate-limit', retryAfterSeconds: 7 }, 429, 'rate_limited', true],
  ['fails', { kind: 'server-error' }, 502, 'upstream_error', true],
  ['is overloaded', { kind: 'server-error', status: 503 }, 503, 'upstream_overloaded', true],
  ['times out', { kind: 'server-error', status: 504 }, 504, 'upstream_timeout', true],
  ['breaks the connection', { kind: 'die-before-headers' }, 502, 'upstream_unreachable', true],
  ['redirects', { kind: 'redirect', to: 'https://evil.example/' }, 502, 'upstream_redirect', false],
  ['answers a page', { kind: 'html', status: 200 }, 502, 'upstream_error', true],
  ['answers a page of error', { kind: 'html', status: 502 }, 502, 'upstream_error', true],
]

describe.each([
  ['chat', chatCall, 'openai', 'openai'],
  ['messages', messagesCall, 'anthropic', 'anthropic'],
] as const)('on %s, a provider that', (_, request, provider, shape) => {
  test.each(FAULTS)('#41 %s, and was asked once', async (__, fault, status, code, canRetry) => {
    keyway.standIns.misbehave(provider, fault, { times: 1 })
    const before = keyway.standIns.requests.length
    const answer = await call(keyway, organization, request)
    const isOverloaded = shape === 'anthropic' && code === 'upstream_overloaded'
    expect(answer.status).toBe(isOverloaded ? 529 : status)
    expect(answer.headers.get('x-keyway-error-code')).toBe(code)
    errorOf(answer, shape)
    expect(answer.headers.get('retry-after') !== null).toBe(canRetry)
    expect(answer.headers.get('x-should-retry')).toBe(canRetry ? null : 'false')
    expect(answer.headers.get('x-keyway-attempts')).toMatch(/^pk_\w+:\S+$/)
    expect(answer.text).not.toMatch(/<html|evil\.example/i)
    expect(keyway.standIns.requests.length).toBe(before + 1)
  })

  test('declines the request keeps its status and its words', async () => {
    keyway.standIns.misbehave(provider, { kind: 'bad-request' }, { times: 1 })
    const answer = await call(keyway, organization, request)
    expect(answer.status).toBe(400)
    expect(errorOf(answer, shape)['message']).toContain(BAD_REQUEST_MESSAGE)
  })

  test.each([
    ['declines the request', { kind: 'bad-request' }],
    ['fails', { kind: 'server-error' }],
    ['limits the rate', { kind: 'rate-limit', retryAfterSeconds: 7 }],
  ] as const)('%s is known by its own id of the request', async (__, fault) => {
    keyway.standIns.misbehave(provider, fault, { times: 1 })
    const { headers } = await call(keyway, organization, request)
    const id = headers.get('x-keyway-upstream-request-id')
    expect(id).toMatch(/^req_/)
    expect(id).not.toBe(headers.get('x-keyway-request-id'))
  })
})

describe('on the native surface, a provider that', () => {
  test.each([
    ['refuses', { kind: 'refuse' }, 401],
    ['limits the rate', { kind: 'rate-limit', retryAfterSeconds: 7 }, 429],
    ['fails', { kind: 'server-error', status: 500 }, 500],
    ['declines', { kind: 'bad-request' }, 400],
  ] as const)('%s is heard in its own words', async (_, fault, status) => {
    keyway.standIns.misbehave('openai', fault, { times: 1 })
    const answer = await call(keyway, organization, nativeCall)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('x-keyway-error-code')).toBeNull()
    expect(answer.headers.get('x-keyway-upstream-request-id')).not.toBeNull()
    expect(answer.headers.get('set-cookie')).toBeNull()
    if (status === 429) expect(answer.headers.get('retry-after')).toBe('7')
  })

  test.each([
    ['redirects', { kind: 'redirect', to: 'https://evil.example/' }, 'upstream_redirect'],
    ['breaks the connection', { kind: 'die-before-headers' }, 'upstream_unreachable'],
  ] as const)('%s has no answer to hand on', async (_, fault, code) => {
    keyway.standIns.misbehave('openai', fault, { times: 1 })
    const answer = await call(keyway, organization, nativeCall)
    expect([answer.status, errorOf(answer, 'openai')['code']]).toEqual([502, code])
  })
})
