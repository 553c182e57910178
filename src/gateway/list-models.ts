import { GatewayError } from '../core/errors.ts'
import { isObject } from '../core/parse.ts'
import { allowsModel } from '../core/patterns.ts'
import type { Provider } from '../providers/provider.ts'
import { PRIVATE_ENDPOINTS, privateEndpointName, providers } from '../providers/registry.ts'
import type { EndpointRecord, RouteTarget, SealedProviderKey } from '../storage/replica/records.ts'
import { authenticate, type Caller, requireModelAllowed } from './caller/authenticate.ts'
import type { PresentedKey } from './caller/read-api-key.ts'
import type { Dependencies } from './dependencies.ts'
import { timed, type Trace } from './record/trace.ts'
import { chooseProviderKeys } from './target/choose-provider-keys.ts'
import { destinationOf, modelNamedAt } from './target/destination.ts'
import { modelsListedAt, usualModelAt } from './target/endpoint-target.ts'
import { readModelName } from './target/model-name.ts'
import { withModelOverride } from './target/overrides.ts'

/** Who is said to own a route, which is no provider's. */
const KEYWAY = 'keyway'

/** A model that a caller can use, by the name that works on every universal surface. */
export interface ListedModel {
  readonly id: string
  readonly provider: string
  /** A shorter name for it, which is not listed. */
  readonly alias?: string
}

/**
 * The models that the calling key can use: the routes of which it can use a target; those that Keyway knows of each provider that the organization has a key
 * for, those that the keys themselves name (patterns without a wildcard, Azure's deployments), and those that its private
 * endpoints list, less what is not allowed.
 */
export async function listModels(
  presented: PresentedKey,
  deps: Dependencies,
  trace: Trace,
): Promise<readonly ListedModel[]> {
  const [caller, ...keysByProvider] = await timed(trace, 'auth', deps.nowMs, () =>
    Promise.all([
      authenticate(presented, deps, trace),
      ...providers.map(({ name }) => deps.replica.providerKeys(presented.organizationId, name)),
    ]),
  )
  const { endpoints = [], routes = [] } = caller.organization
  const keysOf = new Map(providers.map(({ name }, index) => [name, keysByProvider[index] ?? []]))
  return [
    // First, since a route's name goes before the bare name of a model.
    ...routes
      .filter(({ targets }) => targets.some((target) => isUsable(target, keysOf, caller)))
      .map(({ name }) => ({ id: name, provider: KEYWAY })),
    ...providers.flatMap((provider, index) =>
      modelsOf(provider, keysByProvider[index] ?? [], caller),
    ),
    ...endpoints.flatMap((endpoint) => modelsAt(endpoint, caller)),
  ]
}

type KeysByProvider = ReadonlyMap<string, readonly SealedProviderKey[]>

/** Whether anything stands between the caller and a route's target, as far as it can be told without asking upstream. */
function isUsable(
  { model: name, overrides }: RouteTarget,
  keysOf: KeysByProvider,
  caller: Caller,
): boolean {
  try {
    const wanted = withModelOverride(readModelName(name), overrides)
    const keys = wanted.kind === 'provider' ? (keysOf.get(wanted.provider.name) ?? []) : []
    const destination = destinationOf(wanted, keys, caller)
    const { provider, model } = modelNamedAt(destination, wanted)
    requireModelAllowed(caller, provider.name, model)
    if (destination.kind === 'provider') {
      const wish = { provider: provider.name, apiKeyId: caller.apiKey.id, model }
      chooseProviderKeys(keys, { ...wish, pinnedId: undefined })
    }
    return true
  } catch (error) {
    if (error instanceof GatewayError) return false
    throw error
  }
}

function modelsAt(endpoint: EndpointRecord, { apiKey }: Caller): ListedModel[] {
  const { name, default_model } = endpoint
  if (apiKey.providers.length > 0 && !apiKey.providers.includes(PRIVATE_ENDPOINTS)) return []
  const provider = privateEndpointName(name)
  const models = [...modelsListedAt(endpoint), ...(default_model === null ? [] : [default_model])]
  return [...new Set(models)]
    .filter((model) => allowsModel(apiKey.models, provider, model))
    .map((model) => ({
      id: `${provider}/${model}`,
      provider: PRIVATE_ENDPOINTS,
      ...(model === usualModelAt(endpoint) ? { alias: provider } : {}),
    }))
}

function modelsOf(
  provider: Provider,
  keys: readonly SealedProviderKey[],
  { apiKey }: Caller,
): ListedModel[] {
  if (apiKey.providers.length > 0 && !apiKey.providers.includes(provider.name)) return []
  const usable = keys.filter(
    ({ disabled, api_key_ids: ids }) => !disabled && (ids.length === 0 || ids.includes(apiKey.id)),
  )
  const names = new Set([...provider.models, ...usable.flatMap((key) => namedBy(key, provider))])
  return [...names]
    .filter((model) => usable.some(({ models }) => allowsModel(models, provider.name, model)))
    .filter((model) => allowsModel(apiKey.models, provider.name, model))
    .map((model) => ({ id: `${provider.name}/${model}`, provider: provider.name }))
}

/** Models that a key itself names. */
function namedBy({ models, settings }: SealedProviderKey, { name }: Provider): string[] {
  const { deployments } = settings
  const exact = models
    .filter((pattern) => !pattern.includes('*'))
    .map((pattern) => (pattern.startsWith(`${name}/`) ? pattern.slice(name.length + 1) : pattern))
  return isObject(deployments) ? [...exact, ...Object.keys(deployments)] : exact
}
