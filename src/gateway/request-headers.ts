import type { Provider } from '../providers/provider.ts'

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
export function nativeRequestHeaders(provider: Provider, caller: Headers): Headers {
  const { native } = provider
  const headers = new Headers(native.defaultHeaders)
  const allowed = [...ALWAYS, ...native.headers]
  for (const [name, value] of caller) {
    if (allowed.some((pattern) => matches(pattern, name))) headers.set(name, value)
  }
  // Compressed streams can sit in somebody's encoder; the edge compresses for the caller.
  headers.set('accept-encoding', 'identity')
  return headers
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
