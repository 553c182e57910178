import { API_KEY_PREFIX, organizationOfApiKey } from '../../core/api-key-format.ts'
import { GatewayError } from '../../core/errors.ts'
import type { HeaderValues } from './header-values.ts'

/** An API key as it came, not yet known to exist. */
export interface PresentedKey {
  readonly apiKey: string
  readonly organizationId: string
  /**
   * The caller's own upstream keys by the header that each came in; only where `x-keyway-api-key` leaves no doubt which
   * one is Keyway's.
   */
  readonly callerKeys?: ReadonlyMap<string, string>
}

const HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']

/**
 * The API key of a request: from `x-keyway-api-key`, else from whichever place an SDK puts its key in.
 * `query` is the value of `?key=` where that is a place. Throws for none, for two that differ, and for garbage.
 */
export function readApiKey(headers: HeaderValues, query?: string | null): PresentedKey {
  const own = headers.get('x-keyway-api-key')?.trim() || undefined
  const others = [
    ...HEADERS.flatMap((name) => credentialsIn(headers.get(name))),
    query ?? undefined,
  ]
    .filter((value) => value !== undefined)
    .map((value) => value.trim())
    .filter((value) => value !== '')
  const keys = new Set([own, ...others].filter((value) => value?.startsWith(API_KEY_PREFIX)))
  if (keys.size > 1) {
    throw new GatewayError(
      'ambiguous_credentials',
      'The request carries two different Keyway API keys. Send one.',
    )
  }
  const apiKey = own ?? keys.values().next().value ?? others[0]
  if (apiKey === undefined || apiKey === '') throw missingKey()
  const organizationId = organizationOfApiKey(apiKey)
  if (organizationId === undefined) throw invalidKey(apiKey)
  const callerKeys: ReadonlyMap<string, string> =
    own === undefined ? new Map() : callerKeysIn(headers)
  return callerKeys.size === 0 ? { apiKey, organizationId } : { apiKey, organizationId, callerKeys }
}

/** What a key that can be sent on looks like: one word of ASCII, and neither Keyway's nor a management token. */
const CALLER_KEY = /^(?!kwm?_)[\x21-\x7e]{1,8192}$/

function callerKeysIn(headers: HeaderValues): ReadonlyMap<string, string> {
  const entries = HEADERS.map((name) => {
    const value = headers.get(name)
    // Of the schemes of `Authorization`, only Bearer holds a key as it is.
    const key =
      name === 'authorization' && !/^bearer\s/i.test(value ?? '') ? '' : credentialIn(value)
    return [name, (key ?? '').trim()] as const
  })
  return new Map(entries.filter(([, key]) => CALLER_KEY.test(key)))
}

/** The secrets in a header; one that was sent twice holds two, with a comma between. */
function credentialsIn(value: string | null): string[] {
  return (value ?? '').split(',').map((part) => credentialIn(part.trim()) ?? '')
}

/** The secret in an `Authorization` value, whatever its scheme; other headers hold nothing else. */
function credentialIn(value: string | null): string | undefined {
  if (value === null) return undefined
  const bearer = /^bearer(?:\s+(.*))?$/i.exec(value)
  return bearer ? (bearer[1] ?? '') : value
}

function missingKey(): GatewayError {
  return new GatewayError(
    'missing_api_key',
    'No API key. Send your Keyway key (kw_…) as "Authorization: Bearer", "x-api-key", "api-key" or "x-keyway-api-key".',
  )
}

/** What Edge RAG calls its model with until somebody has put a key in its secret. */
const INSTALLED_KEY = 'byom-secret'

/** A signed token, such as Entra's. https://www.rfc-editor.org/rfc/rfc7519 */
const JWT = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/

function invalidKey(presented: string): GatewayError {
  if (presented === INSTALLED_KEY) {
    return new GatewayError(
      'invalid_api_key',
      'byom-secret is the placeholder that Edge RAG is installed with. Put a Keyway key (kw_…) in the Kubernetes secret byom-api-key, field BYOM_API_KEY, in the namespace arc-rag, and restart the pods that call the model: keyway edge-rag set-key does the first.',
    )
  }
  if (JWT.test(presented)) {
    return new GatewayError(
      'invalid_api_key',
      'That is a signed token (a JWT, such as Microsoft Entra’s) and not a Keyway key. An Edge RAG cluster sends one where foundryClientId is set: leave it empty and put a Keyway key (kw_…) in its secret. To call a model with a token of your own, send the Keyway key beside it in "x-keyway-api-key".',
    )
  }
  if (presented.startsWith('kwm_')) {
    return new GatewayError(
      'invalid_api_key',
      'That is a management token. Applications call models with an API key (kw_…).',
    )
  }
  if (presented.startsWith('AWS4-')) {
    return new GatewayError(
      'invalid_api_key',
      'The request is signed for AWS. Send your Keyway key in "x-keyway-api-key" beside it, or as a Bedrock bearer token.',
    )
  }
  return new GatewayError(
    'invalid_api_key',
    'The API key is malformed. A Keyway key begins with kw_ and is 57 characters long, of which the last six check the others: was it copied whole?',
  )
}
