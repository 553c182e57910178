import type { EndpointCredential } from '../core/credentials.ts'
import { entraToken, forgetEntraToken } from './entra-token.ts'
import type { OutgoingRequest, UpstreamAuth } from './upstream-auth.ts'

/**
 * Where a model server takes its key; `caller`: the credential's key is a bearer token that came with the call; `entra`: the
 * bearer token is minted for the credential's app.
 */
export type KeyHeader = 'bearer' | 'api-key' | 'x-api-key' | 'none' | 'caller' | 'entra'

/**
 * What an organization stored for its private endpoint: the headers that the way there asks for, such as those of an Access
 * service token, and the server's own key in one header. Some servers refuse a request that holds two keys.
 */
export function endpointHeaders(keyHeader: KeyHeader): UpstreamAuth<EndpointCredential> {
  if (keyHeader === 'entra') return ENTRA
  return {
    signsBody: false,
    prove(request, { apiKey, headers }) {
      setHeaders(request, headers)
      if (apiKey === null || keyHeader === 'none') return
      if (keyHeader === 'bearer' || keyHeader === 'caller')
        request.headers['authorization'] = `Bearer ${apiKey}`
      else request.headers[keyHeader] = apiKey
    },
  }
}

const ENTRA: UpstreamAuth<EndpointCredential> = {
  signsBody: false,
  async prove(request, { app, headers }, _place, world) {
    setHeaders(request, headers)
    if (app !== undefined) {
      request.headers['authorization'] = `Bearer ${await entraToken(app, world)}`
    }
  },
  async forget(request, { app }, world) {
    if (app !== undefined) await forgetEntraToken(request, app, world)
  },
}

function setHeaders(request: OutgoingRequest, headers: EndpointCredential['headers']): void {
  for (const [name, value] of Object.entries(headers)) request.headers[name.toLowerCase()] = value
}
