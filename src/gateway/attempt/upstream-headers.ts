import { headerSnapshot, type HeaderValues } from '../caller/header-values.ts'

/** Where upstreams say their own id of a request, first match first. */
const REQUEST_ID_HEADERS = [
  'x-request-id',
  'request-id',
  'x-amzn-requestid',
  'apim-request-id',
  'mistral-correlation-id',
]

const RATE_LIMIT = /^(?:x-ratelimit|ratelimit|anthropic-ratelimit-|retry-after)/
const RETRY_AFTER = /^retry-after/

/** What an upstream says of its limits, in its own words. */
export function upstreamLimits(values: HeaderValues): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of values) if (RATE_LIMIT.test(name)) headers[name] = value
  return headers
}

/** What it calls the request, in the header that callers find it in. */
export function upstreamId(upstream: HeaderValues): Record<string, string> {
  for (const name of REQUEST_ID_HEADERS) {
    const id = upstream.get(name)
    if (id !== null) return { 'x-keyway-upstream-request-id': id }
  }
  return {}
}

/** What a caller gets of the headers of an answer that came to an error; when to try again is the error's own affair. */
export function headersBehindError(response: Response | undefined): Record<string, string> {
  if (response === undefined) return {}
  const values = headerSnapshot(response.headers)
  const limits = Object.entries(upstreamLimits(values)).filter(([name]) => !RETRY_AFTER.test(name))
  return { ...Object.fromEntries(limits), ...upstreamId(values) }
}
