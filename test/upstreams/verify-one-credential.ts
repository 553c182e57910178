import { refuse, type Incoming } from './provider.ts'

const CREDENTIAL_HEADERS = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
  'x-amz-security-token',
])
// What only a gateway or its edge knows of; a provider must never see it.
const INNER_HEADERS =
  /^(x-keyway-.*|cf-access-.*|x-forwarded-.*|forwarded|cf-connecting-ip|x-real-ip|true-client-ip)$/
const GATEWAY_KEY = /(?<![A-Za-z0-9_-])kwm?_[A-Za-z0-9]{16,}/
const QUERY_CREDENTIAL = /(^|&)(key|api[-_]?key|access_token|token|x-amz-signature)=/i

/** Refuses a request that carries any credential besides the provider's own, or anything that is a gateway's own business. */
export function verifyOneCredential(
  request: Incoming,
  allowed: readonly string[],
  own: readonly string[] = [],
): void {
  const names = request.rawHeaders.filter((_, index) => index % 2 === 0)
  const seen = new Set<string>()
  for (const name of names.map((one) => one.toLowerCase())) {
    if (INNER_HEADERS.test(name) && !own.includes(name))
      refuse('bad-request', `unexpected header ${name}`)
    if (!CREDENTIAL_HEADERS.has(name)) continue
    if (!allowed.includes(name)) refuse('bad-request', `unexpected credential header ${name}`)
    if (seen.has(name)) refuse('bad-request', `credential header ${name} was sent twice`)
    seen.add(name)
  }
  if (request.headers['host'] !== request.host) {
    refuse('bad-request', `host is "${request.headers['host']}", this is ${request.host}`)
  }
  if (QUERY_CREDENTIAL.test(request.query)) {
    refuse('bad-request', 'unexpected credential in the query')
  }
  refuseGatewayKeys(request)
}

function refuseGatewayKeys(request: Incoming): void {
  const places: [string, string][] = [
    ['the URL', `${request.path}?${request.query}`],
    ['the body', request.body.toString('latin1')],
    ...request.rawHeaders.map((value): [string, string] => ['a header', value]),
  ]
  for (const [where, value] of places) {
    if (GATEWAY_KEY.test(value)) refuse('bad-request', `a key of the gateway is in ${where}`)
  }
}

/** The key in `Authorization: Bearer`, or a refusal. */
export function bearerOf(request: Incoming): string {
  const header = request.headers['authorization']
  if (header === undefined) return refuse('bad-credential', 'no authorization header')
  const match = /^Bearer ([\x21-\x7e]+)$/.exec(header)
  return match?.[1] ?? refuse('bad-credential', 'the authorization header is not "Bearer <key>"')
}
