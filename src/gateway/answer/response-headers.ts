import { upstreamId, upstreamLimits } from '../attempt/upstream-headers.ts'
import { headerSnapshot, type HeaderValues } from '../caller/header-values.ts'
import { type Trace, traceHeaders } from '../record/trace.ts'

/** Headers that belong to one connection (RFC 9110 §7.6.1), that speak of our host, or that set state at the caller. */
const NEVER_FORWARDED: ReadonlySet<string> = new Set([
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
])

/** An upstream's headers as a caller of the native surface gets them: all but those of the connection, and cookies. */
export function nativeResponseHeaders(upstream: Headers, trace: Trace): Record<string, string> {
  const values = headerSnapshot(upstream)
  const ofConnection = connectionHeaders(values)
  const headers: Record<string, string> = {}
  for (const [name, value] of values) {
    const isLeftOut =
      NEVER_FORWARDED.has(name) || ofConnection.includes(name) || name.startsWith('x-keyway-')
    if (!isLeftOut) headers[name] = value
  }
  return withBothLimits(
    { ...headers, ...upstreamId(values), ...traceHeaders(trace) },
    values,
    trace,
  )
}

/** What a caller of a universal surface gets of an upstream's headers: the rate limits; and what its answer is. */
export function universalResponseHeaders(
  upstream: Headers,
  trace: Trace,
  content: Readonly<Record<string, string>>,
): Record<string, string> {
  const values = headerSnapshot(upstream)
  const all = {
    ...upstreamLimits(values),
    ...content,
    ...upstreamId(values),
    ...sdkRequestId(trace),
    ...traceHeaders(trace),
  }
  return withBothLimits(all, values, trace)
}

/** What Keyway says of an API key's limits is a list, and stands behind what an upstream may have said in the same words. */
function withBothLimits(
  headers: Record<string, string>,
  upstream: HeaderValues,
  { caller }: Trace,
): Record<string, string> {
  if (caller?.limited === undefined) return headers
  for (const [name, own] of Object.entries(caller.limited.headers)) {
    const theirs = upstream.get(name)
    if (theirs !== null) headers[name] = `${theirs}, ${own}`
  }
  return headers
}

/** Where OpenAI's and Anthropic's SDKs look for the id that they show in errors. */
export function sdkRequestId({ requestId }: Trace): Record<string, string> {
  return { 'x-request-id': requestId, 'request-id': requestId }
}

/** Headers that the upstream itself names as being of the connection only. */
function connectionHeaders(upstream: HeaderValues): string[] {
  const names = (upstream.get('connection') ?? '').split(',')
  return names.map((name) => name.trim().toLowerCase())
}
