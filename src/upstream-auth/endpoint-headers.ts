import type { EndpointCredential } from '../core/credentials.ts'
import type { UpstreamAuth } from './upstream-auth.ts'

/** Where a model server takes its key; `caller`: the credential's key is a bearer token that came with the call. */
export type KeyHeader = 'bearer' | 'api-key' | 'x-api-key' | 'none' | 'caller'

/**
 * What an organization stored for its private endpoint: the headers that the way there asks for, such as those of an Access
 * service token, and the server's own key in one header. Some servers refuse a request that holds two keys.
 */
export function endpointHeaders(keyHeader: KeyHeader): UpstreamAuth<EndpointCredential> {
  return {
    signsBody: false,
    prove(request, { apiKey, headers }) {
      for (const [name, value] of Object.entries(headers))
        request.headers[name.toLowerCase()] = value
      if (apiKey === null || keyHeader === 'none') return
      if (keyHeader === 'bearer' || keyHeader === 'caller')
        request.headers['authorization'] = `Bearer ${apiKey}`
      else request.headers[keyHeader] = apiKey
    },
  }
}
