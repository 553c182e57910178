import { Hono } from 'hono/tiny'
import { API_KEY_PREFIX } from '../core/api-key-format.ts'
import { GatewayError, invalidRequest } from '../core/errors.ts'
import { headerSnapshot } from '../gateway/caller/header-values.ts'
import { readApiKey } from '../gateway/caller/read-api-key.ts'
import { handleNative } from '../gateway/handle-native.ts'
import type { Addressee } from '../gateway/target/destination.ts'
import { findProvider, PRIVATE_ENDPOINTS, providers } from '../providers/registry.ts'
import type { Env } from '../storage/env.ts'
import { dataPlane } from './data-plane.ts'

/** `/native/{provider}/…` and `/native/byom/{endpoint}/…`: the upstream's own protocol. */
export function nativeRoutes(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  app.all(
    '/native/:provider/*',
    dataPlane('openai', (c, deps, trace) => {
      const url = new URL(c.req.url)
      const { addressee, path } = addresseeOf(
        c.req.param('provider') ?? '',
        pathBehindProvider(c.req.raw.url, url),
      )
      const takesKeyInQuery =
        addressee.kind === 'provider' && addressee.provider.native.keyInQuery === true
      const headers = headerSnapshot(c.req.raw.headers)
      const presented = readApiKey(headers, takesKeyInQuery ? url.searchParams.get('key') : null)
      const query = withoutCredentials(url, takesKeyInQuery)
      return handleNative(
        { request: c.req.raw, headers, presented, addressee, path, query },
        deps,
        trace,
      )
    }),
  )
  return app
}

/** The path as it was sent. A URL is refused that a reader would change, such as one that climbs. */
function pathBehindProvider(sent: string, { pathname }: URL): string {
  if (/^\w+:\/\/[^/?#]*([^?#]*)/.exec(sent)?.[1] !== pathname) {
    throw invalidRequest('The path climbs, or holds characters that must be encoded.', 'path')
  }
  return pathname.replace(/^\/native\/[^/]+/, '') || '/'
}

/** Private endpoints have one more segment, their name; what is behind it is the server's own path. */
function addresseeOf(name: string, path: string): { addressee: Addressee; path: string } {
  if (name === PRIVATE_ENDPOINTS) {
    const [, endpointName = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(path) ?? []
    return { addressee: { kind: 'endpoint', endpointName }, path: rest || '/' }
  }
  const provider = findProvider(name)
  if (provider === undefined) throw unknownProvider(name)
  return { addressee: { kind: 'provider', provider }, path }
}

function unknownProvider(asked: string): GatewayError {
  const known = [...providers.map(({ name }) => name), PRIVATE_ENDPOINTS].join(', ')
  return new GatewayError(
    'unknown_provider',
    `There is no provider ${asked.slice(0, 40)}. There are ${known}.`,
  )
}

/** Parameters in which Google's APIs take a credential: the caller's own would be used in place of ours. */
const CREDENTIAL_PARAMETERS = new Set(['key', 'access_token', 'oauth_token'])
/** Of the parameters that stand for other parts of a request, its method or its headers, those that only say how to answer. */
const SYSTEM_PARAMETERS = new Set(['$alt', '$fields', '$prettyprint'])

/** The query as it came, but for parameters that hold a credential or stand for another part of the request, in any encoding. */
function withoutCredentials(url: URL, hasSystemParameters: boolean): string {
  if (url.search === '') return ''
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((parameter) => {
      const [[name, value] = ['', '']] = new URLSearchParams(parameter)
      const known = name.toLowerCase()
      if (hasSystemParameters && known.startsWith('$') && !SYSTEM_PARAMETERS.has(known))
        return false
      return !CREDENTIAL_PARAMETERS.has(known) && !value.startsWith(API_KEY_PREFIX)
    })
    .join('&')
  return kept === '' ? '' : `?${kept}`
}
