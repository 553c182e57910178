import { setTraceHeaders, type Trace } from './trace.ts'

/** Where upstreams say their own id of a request, first match first. */
const REQUEST_ID_HEADERS = [
  'x-request-id',
  'request-id',
  'x-amzn-requestid',
  'apim-request-id',
  'mistral-correlation-id',
]

/** Headers that belong to one connection (RFC 9110 §7.6.1), that speak of our host, or that set state at the caller. */
const NEVER_FORWARDED = [
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
  'clear-site-data',
  'report-to',
  'nel',
]

const RATE_LIMIT = /^(?:x-ratelimit|ratelimit|anthropic-ratelimit-|retry-after)/

/** An upstream's headers as a caller of the native surface gets them: all but those of the connection, and cookies. */
export function nativeResponseHeaders(upstream: Headers, trace: Trace): Headers {
  const headers = new Headers(upstream)
  for (const name of connectionHeaders(upstream)) headers.delete(name)
  for (const name of NEVER_FORWARDED) headers.delete(name)
  for (const name of upstream.keys()) if (name.startsWith('x-keyway-')) headers.delete(name)
  addUpstreamId(headers, upstream)
  setTraceHeaders(headers, trace)
  return headers
}

/** What a caller of a universal surface gets of an upstream's headers: the content's type and the rate limits. */
export function universalResponseHeaders(upstream: Headers, trace: Trace): Headers {
  const headers = new Headers()
  for (const [name, value] of upstream) if (RATE_LIMIT.test(name)) headers.set(name, value)
  const type = upstream.get('content-type')
  if (type !== null) headers.set('content-type', type)
  addUpstreamId(headers, upstream)
  setSdkRequestId(headers, trace)
  setTraceHeaders(headers, trace)
  return headers
}

/** Where OpenAI's and Anthropic's SDKs look for the id that they show in errors. */
export function setSdkRequestId(headers: Headers, { requestId }: Trace): void {
  headers.set('x-request-id', requestId)
  headers.set('request-id', requestId)
}

/** Headers that the upstream itself names as being of the connection only. */
function connectionHeaders(upstream: Headers): string[] {
  const names = (upstream.get('connection') ?? '').split(',').map((name) => name.trim())
  return names.filter((name) => /^[\w-]+$/.test(name))
}

function addUpstreamId(headers: Headers, upstream: Headers): void {
  for (const name of REQUEST_ID_HEADERS) {
    const id = upstream.get(name)
    if (id !== null) return headers.set('x-keyway-upstream-request-id', id)
  }
}
