import { GatewayError } from '../../core/errors.ts'
import { allowsEveryModel, allowsModel } from '../../core/patterns.ts'
import type { SealedProviderKey } from '../../storage/replica/records.ts'

export interface KeyWish {
  readonly provider: string
  readonly apiKeyId: string
  /** Undefined where the request names none. */
  readonly model: string | undefined
  /** The request only reads, such as a list of models: keys that are held to some models will do. */
  readonly isReading?: boolean
  /** The one key to use, from `x-keyway-provider-key`. */
  readonly pinnedId: string | undefined
}

/**
 * The organization's keys that may serve a request, in the order in which they are tried: those assigned to the
 * calling API key, then the organization's; within each, as stored, by priority and then age.
 * Throws `no_provider_key` when there is none.
 */
export function chooseProviderKeys(
  keys: readonly SealedProviderKey[],
  wish: KeyWish,
): readonly SealedProviderKey[] {
  const usable = keys.filter((key) => isUsable(key, wish))
  if (usable.length === 0) throw noKey(wish)
  const assigned = usable.filter((key) => key.api_key_ids.length > 0)
  const ofOrganization = usable.filter((key) => key.api_key_ids.length === 0)
  return [...assigned, ...ofOrganization]
}

/** Whether a key may serve a request. */
export function isUsable(key: SealedProviderKey, wish: KeyWish): boolean {
  if (key.disabled) return false
  if (wish.pinnedId !== undefined && key.id !== wish.pinnedId) return false
  if (key.api_key_ids.length > 0 && !key.api_key_ids.includes(wish.apiKeyId)) return false
  if (key.models.length === 0) return true
  if (wish.model === undefined) {
    return wish.isReading === true || allowsEveryModel(key.models, wish.provider)
  }
  return allowsModel(key.models, wish.provider, wish.model)
}

function noKey({ provider, model, pinnedId }: KeyWish): GatewayError {
  if (pinnedId !== undefined) {
    return new GatewayError(
      'no_provider_key',
      `The provider key named in x-keyway-provider-key is not one that this API key can use for ${provider}.`,
      { param: 'x-keyway-provider-key' },
    )
  }
  const forModel = model === undefined ? '' : ` that serves ${model.slice(0, 100)}`
  return new GatewayError(
    'no_provider_key',
    `The organization has no usable key for the provider ${provider}${forModel}. Add one under /v1/organizations/{org}/provider-keys.`,
  )
}
