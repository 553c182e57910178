import { isObject } from '../core/parse.ts'
import { allowsModel } from '../core/patterns.ts'
import type { Provider } from '../providers/provider.ts'
import { PRIVATE_ENDPOINTS, privateEndpointName, providers } from '../providers/registry.ts'
import type { EndpointRecord, SealedProviderKey } from '../storage/records.ts'
import { authenticate, type Caller } from './authenticate.ts'
import type { Dependencies } from './dependencies.ts'
import { usualModelAt } from './endpoint-target.ts'
import type { PresentedKey } from './read-api-key.ts'
import { timed, type Trace } from './trace.ts'

/** A model that a caller can use, by the name that works on every universal surface. */
export interface ListedModel {
  readonly id: string
  readonly provider: string
  /** A shorter name for it, which is not listed. */
  readonly alias?: string
}

/**
 * The models that the calling key can use: those that Keyway knows of each provider that the organization has a key
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
  const { endpoints = [] } = caller.organization
  return [
    ...providers.flatMap((provider, index) =>
      modelsOf(provider, keysByProvider[index] ?? [], caller),
    ),
    ...endpoints.flatMap((endpoint) => modelsAt(endpoint, caller)),
  ]
}

function modelsAt(endpoint: EndpointRecord, { apiKey }: Caller): ListedModel[] {
  const { name, models, default_model } = endpoint
  if (apiKey.providers.length > 0 && !apiKey.providers.includes(PRIVATE_ENDPOINTS)) return []
  const provider = privateEndpointName(name)
  return [...new Set([...models, ...(default_model === null ? [] : [default_model])])]
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
