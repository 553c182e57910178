import { describe, expect, test } from 'vitest'
import {
  isSuspicious,
  type PrivateAnswer,
  privateError,
  privateFailure,
  privateFault,
} from '../../../src/gateway/failure/private-failure.ts'
import { ANY_FAULT, FAULT_SIGNS } from '../../../src/providers/tunnels/faults.ts'
import { TUNNEL_SIGNS } from '../../../src/providers/tunnels/signs.ts'

interface Seen {
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly host?: string
}

const answer = (status: number, { headers = {}, body = '', host }: Seen = {}): PrivateAnswer => ({
  status,
  headers: new Headers(headers),
  body,
  host: host ?? 'models.example.com',
})

const html = { 'content-type': 'text/html; charset=UTF-8' }
const json = { 'content-type': 'application/json' }
const edge = { server: 'cloudflare', 'cf-ray': '8f0c-FRA' }
const problem = (code: number, more: object = {}): string =>
  JSON.stringify({ cloudflare_error: true, error_code: code, ray_id: '8f0c', ...more })

type Row = readonly [
  what: string,
  answer: PrivateAnswer,
  sign: string,
  code: string,
  retryAfterSeconds?: number,
]

const ROWS: readonly Row[] = [
  [
    'Access sends to its login',
    answer(302, {
      headers: { location: 'https://acme.cloudflareaccess.com/cdn-cgi/access/login/models?kid=1' },
    }),
    'access-login',
    'tunnel_auth_failed',
  ],
  [
    'Access sends to its login on the own host',
    answer(303, { headers: { location: '/cdn-cgi/access/login?x=1' } }),
    'access-login',
    'tunnel_auth_failed',
  ],
  [
    'Access refuses a token with 401',
    answer(401, { headers: { 'www-authenticate': 'Cloudflare-Access resource_metadata="x"' } }),
    'access-refused',
    'tunnel_auth_failed',
  ],
  [
    'Access refuses a token with JSON',
    answer(403, {
      headers: { ...json, 'cf-access-domain': 'a.example.com' },
      body: '{"message":"Forbidden"}',
    }),
    'access-refused',
    'tunnel_auth_failed',
  ],
  [
    'Access refuses a token with a page',
    answer(403, {
      headers: html,
      body: '<!DOCTYPE html><title>Forbidden - Cloudflare Access</title>',
    }),
    'access-refused',
    'tunnel_auth_failed',
  ],
  [
    'a challenge',
    answer(403, {
      headers: { ...html, ...edge, 'cf-mitigated': 'challenge' },
      body: '<html>Just a moment',
    }),
    'challenge',
    'tunnel_auth_failed',
  ],
  [
    'a challenge as 503',
    answer(503, { headers: { ...html, ...edge, 'cf-mitigated': 'challenge' } }),
    'challenge',
    'tunnel_auth_failed',
  ],
  [
    'the browser integrity check',
    answer(403, { headers: { ...edge, 'content-type': 'text/plain' }, body: 'error code: 1010' }),
    'firewall',
    'tunnel_auth_failed',
  ],
  [
    'cloudflared offline, as JSON, which says when to come back',
    answer(530, {
      headers: { ...json, ...edge },
      body: problem(1033, { retryable: true, retry_after: 120 }),
    }),
    'cloudflared-offline',
    'tunnel_offline',
    120,
  ],
  [
    'cloudflared offline, as a header says when to come back',
    answer(530, {
      headers: { ...json, ...edge, 'retry-after': '90' },
      body: problem(1033, { retry_after: 120 }),
    }),
    'cloudflared-offline',
    'tunnel_offline',
    90,
  ],
  [
    'cloudflared offline, as text',
    answer(530, { headers: edge, body: 'error code: 1033' }),
    'cloudflared-offline',
    'tunnel_offline',
    30,
  ],
  [
    'cloudflared offline, as a page',
    answer(530, {
      headers: { ...html, ...edge },
      body: '<html><span class="cf-error-code">1033</span>',
    }),
    'cloudflared-offline',
    'tunnel_offline',
    30,
  ],
  [
    'a host name without a tunnel',
    answer(530, { headers: edge, body: 'error code: 1016' }),
    'no-such-host',
    'model_unreachable',
  ],
  ['530 and nothing more', answer(530), 'cloudflare-failed', 'tunnel_offline', 30],
  [
    'cloudflared without a model server',
    answer(502, { body: 'Unable to reach the origin service. The service may be down' }),
    'cloudflared-without-model',
    'model_unreachable',
    5,
  ],
  [
    'cloudflared without a model server, as JSON',
    answer(502, { headers: { ...json, ...edge }, body: problem(502) }),
    'cloudflared-without-model',
    'model_unreachable',
    5,
  ],
  [
    'cloudflared without a model server, as a page',
    answer(502, { headers: { ...html, ...edge }, body: '<html>Bad gateway' }),
    'cloudflared-without-model',
    'model_unreachable',
    5,
  ],
  ['cloudflared without a rule', answer(503, { headers: edge }), 'no-ingress', 'model_unreachable'],
  [
    '524',
    answer(524, { headers: edge, body: 'error code: 524' }),
    'edge-timeout',
    'upstream_timeout',
  ],
  ['526', answer(526, { headers: edge }), 'bad-certificate', 'model_unreachable'],
  ['525', answer(525, { headers: edge }), 'bad-certificate', 'model_unreachable'],
  ['521', answer(521, { headers: edge }), 'origin-down', 'model_unreachable', 5],
  [
    'a quick tunnel that is full',
    answer(429, { host: 'a-b-c.trycloudflare.com', headers: edge, body: 'error code: 1200' }),
    'quick-tunnel-full',
    'tunnel_saturated',
    5,
  ],
  [
    "a rate limit of the edge's",
    answer(429, { headers: { ...json, ...edge }, body: problem(1015, { retry_after: 30 }) }),
    'edge-rate-limit',
    'tunnel_saturated',
    30,
  ],
  [
    "ngrok's agent offline, a 404",
    answer(404, { headers: { ...html, 'ngrok-error-code': 'ERR_NGROK_3200' }, body: '<html>' }),
    'ngrok-offline',
    'tunnel_offline',
    30,
  ],
  [
    "ngrok's agent offline, in text",
    answer(404, { body: 'The endpoint a.ngrok.app is offline.\n\nERR_NGROK_3200' }),
    'ngrok-offline',
    'tunnel_offline',
    30,
  ],
  [
    'ngrok without a model server',
    answer(502, { headers: { 'ngrok-error-code': 'ERR_NGROK_8012' } }),
    'ngrok-without-model',
    'model_unreachable',
    5,
  ],
  [
    "ngrok's warning, with status 200",
    answer(200, { headers: { ...html, 'ngrok-error-code': 'ERR_NGROK_6024' }, body: '<html>' }),
    'ngrok-warning',
    'tunnel_auth_failed',
  ],
  [
    'a limit of ngrok',
    answer(429, { headers: { 'ngrok-error-code': 'ERR_NGROK_734' } }),
    'ngrok-full',
    'tunnel_saturated',
    30,
  ],
  [
    'a policy of ngrok',
    answer(401, { headers: { 'ngrok-error-code': 'ERR_NGROK_3004' } }),
    'ngrok-refused',
    'tunnel_auth_failed',
  ],
  [
    'another failure of ngrok',
    answer(503, { headers: { 'ngrok-error-code': 'ERR_NGROK_9999' } }),
    'ngrok-without-model',
    'model_unreachable',
    5,
  ],
  [
    'Azure Relay without a listener',
    answer(502, { host: 'a.servicebus.windows.net' }),
    'relay-offline',
    'tunnel_offline',
    30,
  ],
  [
    'Azure Relay after 60 s',
    answer(504, { host: 'a.servicebus.windows.net' }),
    'relay-timeout',
    'upstream_timeout',
  ],
  [
    'Azure Relay without a token',
    answer(401, { host: 'a.servicebus.windows.net' }),
    'relay-refused',
    'tunnel_auth_failed',
  ],
  [
    'a dev tunnel without a token',
    answer(401, { host: 'abc-11434.euw.devtunnels.ms' }),
    'dev-tunnel-refused',
    'tunnel_auth_failed',
  ],
  [
    'a dev tunnel without a host',
    answer(404, { host: 'abc-11434.euw.devtunnels.ms' }),
    'dev-tunnel-offline',
    'tunnel_offline',
    30,
  ],
  [
    'a dev tunnel without a model',
    answer(502, { host: 'abc-11434.euw.devtunnels.ms' }),
    'dev-tunnel-without-model',
    'model_unreachable',
    5,
  ],
  [
    'somebody else’s login',
    answer(302, { headers: { location: 'https://sso.example.com/oauth2/authorize?x' } }),
    'login',
    'tunnel_auth_failed',
  ],
  ['Ollama that does not know the host', answer(403), 'host-refused', 'model_unreachable'],
  [
    'a framework that does not know the host',
    answer(400, { headers: { 'content-type': 'text/plain' }, body: 'Invalid host header' }),
    'host-refused',
    'model_unreachable',
  ],
  [
    'http to a server of https',
    answer(400, { headers: html, body: '<html>The plain HTTP request was sent to HTTPS port' }),
    'wrong-scheme',
    'model_unreachable',
  ],
  [
    'http to a server of https, in Go',
    answer(400, { body: 'Client sent an HTTP request to an HTTPS server.\n' }),
    'wrong-scheme',
    'model_unreachable',
  ],
  [
    'a path that is not there',
    answer(404, { headers: { 'content-type': 'text/plain' }, body: '404 page not found' }),
    'wrong-path',
    'model_unreachable',
  ],
  [
    "a proxy's page",
    answer(502, { headers: html, body: '<html>nginx' }),
    'gateway-without-model',
    'model_unreachable',
    5,
  ],
  [
    'any page with status 200',
    answer(200, { headers: html, body: '<html>Welcome' }),
    'page',
    'tunnel_auth_failed',
  ],
]

describe('what stands in for a model is told apart', () => {
  test.each(ROWS.map(([what, seen, sign, code, after]) => ({ what, seen, sign, code, after })))(
    '$what',
    ({ seen, sign, code, after: retryAfterSeconds }) => {
      const failure = privateFailure(seen)
      expect(isSuspicious(seen)).toBe(true)
      expect(failure?.sign).toBe(sign)
      const error = privateError(failure ?? privateFault(undefined), 'byom/lab')
      expect({ code: error.code, after: error.details.retryAfterSeconds }).toEqual({
        code,
        after: retryAfterSeconds,
      })
      // What trying again cannot mend says so, whatever its status.
      expect(error.retryable).toBe(retryAfterSeconds !== undefined)
      expect(error.message).toMatch(
        /^The endpoint byom\/lab (?:is|has|was|sends|answers) .+\. .+\.$/,
      )
    },
  )

  test('every row of the table is met here', () => {
    const met = new Set(ROWS.map(([, , sign]) => sign))
    expect(TUNNEL_SIGNS.map(({ name }) => name).filter((name) => !met.has(name))).toEqual([])
  })
})

const MODELS_OWN: readonly (readonly [string, PrivateAnswer])[] = [
  [
    'a key that is not its',
    answer(401, {
      headers: json,
      body: '{"error":{"message":"Invalid API key","code":"invalid_api_key"}}',
    }),
  ],
  [
    'a permission',
    answer(403, {
      headers: json,
      body: '{"error":{"code":"insufficient_permissions","message":"no"}}',
    }),
  ],
  [
    'two credentials',
    answer(400, { headers: json, body: '{"error":{"code":"ambiguous_auth","message":"both"}}' }),
  ],
  [
    'a model that it has not',
    answer(404, { headers: json, body: '{"error":{"message":"model not found"}}' }),
  ],
  [
    'a model that it has not, behind Cloudflare',
    answer(404, { headers: { ...json, ...edge }, body: '{"error":{"message":"no"}}' }),
  ],
  [
    'too many requests',
    answer(429, { headers: { ...json, ...edge }, body: '{"error":{"message":"busy"}}' }),
  ],
  [
    'a model that loads',
    answer(503, { headers: { ...json, ...edge }, body: '{"error":{"message":"Loading model"}}' }),
  ],
  [
    'a failure',
    answer(500, { headers: { ...json, ...edge }, body: '{"error":{"message":"out of memory"}}' }),
  ],
  [
    'a failure behind its own proxy',
    answer(502, { headers: { ...json, ...edge }, body: '{"detail":"worker died"}' }),
  ],
  [
    'a request that speaks of all this',
    answer(400, {
      headers: { ...json, ...edge },
      body: '{"error":{"message":"bad: Invalid host header, error code: 1033, ERR_NGROK_3200, Cloudflare Access"}}',
    }),
  ],
  [
    'an error that is longer than what was read',
    answer(403, { headers: json, body: '{"error":{"message":"Cloudflare Access' }),
  ],
  [
    "an error that is longer than what was read, with the caller's words in it",
    answer(422, {
      headers: { ...json, ...edge },
      body: '{"detail":[{"type":"string_type","input":"What is Error 1033, and what is',
    }),
  ],
  [
    'a redirect within it',
    answer(307, { headers: { location: 'https://models.example.com/v1/chat/completions/' } }),
  ],
]

describe("a model server's own words are left to it", () => {
  test.each(MODELS_OWN)('%s', (_, seen) => {
    expect(privateFailure(seen)).toBeUndefined()
  })

  test.each([
    ['application/json', false],
    ['text/event-stream; charset=utf-8', false],
    ['application/octet-stream', false],
    [undefined, false],
    ['text/html', true],
  ])('a good answer of the type %s is looked at: %s', (type, isLookedAt) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    expect(isSuspicious({ status: 200, headers: new Headers(headers) })).toBe(isLookedAt)
  })
})

describe('no answer at all', () => {
  const named = (name: string, message = ''): Error => Object.assign(new Error(message), { name })

  test.each<[string, unknown, string, boolean]>([
    ['a deadline', named('TimeoutError'), 'upstream_timeout', false],
    ['silence', named('SilentUpstream'), 'upstream_timeout', false],
    ['Workers VPC', new Error('ProxyError: dns_error'), 'model_unreachable', false],
    ['no such name', new Error('DNS lookup failed'), 'model_unreachable', false],
    ['a certificate', new Error('TLS handshake failed'), 'model_unreachable', false],
    ['anything else', new Error('Network connection lost.'), 'model_unreachable', true],
    ['what is no error', 'x', 'model_unreachable', true],
  ])('%s', (_, fault, code, retryable) => {
    const error = privateError(privateFault(fault), 'byom/lab')
    expect([error.code, error.retryable]).toEqual([code, retryable])
  })
})

test('every meaning is two sentences for the owner, and each whole', () => {
  const meanings = [
    ...TUNNEL_SIGNS.map(({ meaning }) => meaning),
    ...FAULT_SIGNS.map(([, meaning]) => meaning),
    ANY_FAULT,
  ]
  for (const { wrong, remedy } of meanings) {
    expect(wrong).toMatch(/^(?:is|has|was|gave|sends|answers|cannot|lost) [^.]+[^.]$/)
    expect(remedy).toMatch(/^[A-Z].+\.$/)
  }
})
