import type { Upstream } from '../../providers/provider.ts'
import type { OutgoingHeaders } from '../../upstream-auth/upstream-auth.ts'
import type { HeaderValues } from './header-values.ts'

/** Request headers that say something of the body or the client and nothing of who calls. */
const ALWAYS = [
  'content-type',
  'content-encoding',
  'accept',
  'range',
  'user-agent',
  'x-client-request-id',
  'x-stainless-*',
]

/**
 * The caller's headers that go upstream on the native surface: an allow-list, so that no credential of the caller's
 * and nothing of the edge goes along.
 */
export function nativeRequestHeaders(
  { native }: Pick<Upstream, 'native'>,
  caller: HeaderValues,
): OutgoingHeaders {
  const headers: OutgoingHeaders = { ...native.defaultHeaders }
  const isAllowed = (name: string): boolean =>
    ALWAYS.some((pattern) => matches(pattern, name)) ||
    native.headers.some((pattern) => matches(pattern, name))
  for (const [name, value] of caller) if (isAllowed(name)) headers[name] = value
  // Compressed streams can sit in somebody's encoder; the edge compresses for the caller.
  headers['accept-encoding'] = 'identity'
  return headers
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
