import { Hono } from 'hono'
import { API_KEY_PREFIX } from '../core/api-key-format.ts'
import { GatewayError, invalidRequest } from '../core/errors.ts'
import { handleNative } from '../gateway/handle-native.ts'
import { headerSnapshot } from '../gateway/header-values.ts'
import { readApiKey } from '../gateway/read-api-key.ts'
import { findProvider, PRIVATE_ENDPOINTS, providers } from '../providers/registry.ts'
import type { Env } from '../storage/env.ts'
import { dataPlane } from './data-plane.ts'

/** `/native/{provider}/…`: the provider's own protocol. */
export function nativeRoutes(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  app.all(
    '/native/:provider/*',
    dataPlane('openai', (c, deps, trace) => {
      const url = new URL(c.req.url)
      const name = c.req.param('provider') ?? ''
      const provider = findProvider(name)
      if (provider === undefined) throw unknownProvider(name)
      const query = provider.native.keyInQuery === true ? url.searchParams.get('key') : null
      const headers = headerSnapshot(c.req.raw.headers)
      const presented = readApiKey(headers, query)
      const path = pathBehindProvider(c.req.raw.url, url)
      return handleNative(
        { request: c.req.raw, headers, presented, provider, path, query: withoutCredentials(url) },
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

function unknownProvider(name: string): GatewayError {
  if (name === PRIVATE_ENDPOINTS) {
    return new GatewayError('unknown_endpoint', 'The organization has no such private endpoint.')
  }
  const known = providers.map((provider) => provider.name).join(', ')
  return new GatewayError('unknown_provider', `There is no such provider. There are ${known}.`)
}

/** Parameters in which Google's APIs take a credential: the caller's own would be used in place of ours. */
const CREDENTIAL_PARAMETERS = new Set(['key', 'access_token', 'oauth_token'])

/** The query as it came, but for parameters that hold a credential, however they are encoded. */
function withoutCredentials(url: URL): string {
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((parameter) => {
      const [[name, value] = ['', '']] = new URLSearchParams(parameter)
      return !CREDENTIAL_PARAMETERS.has(name.toLowerCase()) && !value.startsWith(API_KEY_PREFIX)
    })
    .join('&')
  return kept === '' ? '' : `?${kept}`
}
