import { GatewayError } from '../../core/errors.ts'
import { allowsModel } from '../../core/patterns.ts'
import type { ApiKeyRecord, OrganizationRecord } from '../../storage/replica/records.ts'
import { hashSecret } from '../../storage/sealed/sha256.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Trace } from '../record/trace.ts'
import type { PresentedKey } from './read-api-key.ts'

/** Who calls: an API key that exists and may be used, and its organization. */
export interface Caller {
  readonly apiKey: ApiKeyRecord
  readonly organization: OrganizationRecord
}

/** Looks the key and its organization up at once. Throws when either is not there or the key may not be used. */
export async function authenticate(
  presented: PresentedKey,
  deps: Dependencies,
  trace: Trace,
): Promise<Caller> {
  const hash = await hashSecret(presented.apiKey)
  const [apiKey, organization] = await Promise.all([
    deps.replica.apiKey(hash),
    deps.replica.organization(presented.organizationId),
  ])
  const isKnown = apiKey?.organization_id === presented.organizationId
  if (apiKey === undefined || organization === undefined || !isKnown) {
    throw new GatewayError('invalid_api_key', 'The API key is not known, or was revoked.')
  }
  if (apiKey.expires_at !== null && Date.parse(apiKey.expires_at) <= deps.nowMs()) {
    throw new GatewayError('invalid_api_key', `The API key expired at ${apiKey.expires_at}.`)
  }
  if (apiKey.valid_until !== undefined && Date.parse(apiKey.valid_until) <= deps.nowMs()) {
    throw new GatewayError('invalid_api_key', 'The API key was replaced, and its overlap is over.')
  }
  if (apiKey.disabled) {
    throw new GatewayError('api_key_disabled', `The API key ${apiKey.id} is disabled.`)
  }
  const { id: organizationId, metering } = organization
  trace.caller = { organizationId, apiKeyId: apiKey.id, metering }
  return { apiKey, organization }
}

/** Throws when the API key may not use the provider. */
export function requireProviderAllowed({ apiKey }: Caller, provider: string): void {
  if (apiKey.providers.length === 0 || apiKey.providers.includes(provider)) return
  throw new GatewayError(
    'provider_not_allowed',
    `The API key ${apiKey.id} may not use the provider ${provider}.`,
  )
}

/** Throws when the API key may not use the model. */
export function requireModelAllowed({ apiKey }: Caller, provider: string, model: string): void {
  if (allowsModel(apiKey.models, provider, model)) return
  throw new GatewayError(
    'model_not_allowed',
    `The API key ${apiKey.id} may not use the model ${provider}/${model.slice(0, 100)}.`,
    { param: 'model' },
  )
}
