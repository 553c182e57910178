import { GatewayError } from '../../core/errors.ts'
import { allowsEveryModel, allowsModel } from '../../core/patterns.ts'
import type { Provider, Upstream } from '../../providers/provider.ts'
import { findProvider, PRIVATE_ENDPOINTS, providerOfFamily } from '../../providers/registry.ts'
import type { SealedProviderKey } from '../../storage/replica/records.ts'

/** Where a call goes, and the model's id there. */
export interface NamedModel {
  readonly provider: Upstream
  readonly model: string
}

/** What a model name of a caller's stands for: a provider and its own model id, or a private endpoint and perhaps a model of it. */
export type ModelName =
  | { readonly kind: 'provider'; readonly provider: Provider; readonly model: string }
  | {
      readonly kind: 'endpoint'
      readonly endpointName: string
      readonly model: string | undefined
    }

/**
 * Reads `{provider}/{model}`, `byom/{endpoint}[/{model}]`, or a bare model id whose family belongs to one provider.
 * Undefined where it is none of these: then it may be a route's.
 */
export function modelNameIn(name: string): ModelName | undefined {
  const slash = name.indexOf('/')
  const provider = slash === -1 ? undefined : findProvider(name.slice(0, slash))
  if (provider !== undefined) {
    const model = name.slice(slash + 1)
    if (model !== '') return { kind: 'provider', provider, model }
  }
  if (name.startsWith(`${PRIVATE_ENDPOINTS}/`)) {
    const [, endpointName = '', ...model] = name.split('/')
    return {
      kind: 'endpoint',
      endpointName,
      model: model.length === 0 ? undefined : model.join('/'),
    }
  }
  const family = slash === -1 ? providerOfFamily(name) : undefined
  return family === undefined ? undefined : { kind: 'provider', provider: family, model: name }
}

/** The same. Throws `unknown_model`. */
export function readModelName(name: string): ModelName {
  const known = modelNameIn(name)
  if (known !== undefined) return known
  throw new GatewayError(
    'unknown_model',
    `The model "${name.slice(0, 100)}" is not known. Name it {provider}/{model}, such as openai/gpt-5.5 or bedrock/us.anthropic.claude-sonnet-4-6, or name a route of the organization's.`,
    { param: 'model' },
  )
}

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
