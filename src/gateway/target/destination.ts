import { GatewayError } from '../../core/errors.ts'
import { privateEndpoint } from '../../providers/private-endpoint.ts'
import { groupOf, type Provider, type Upstream } from '../../providers/provider.ts'
import { PRIVATE_ENDPOINTS } from '../../providers/registry.ts'
import type { EndpointRecord, SealedProviderKey } from '../../storage/replica/records.ts'
import { type Caller, requireProviderAllowed } from '../caller/authenticate.ts'
import type { HeaderValues } from '../caller/header-values.ts'
import { type RequestOptions, requestedLocation } from '../caller/request-options.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Trace } from '../record/trace.ts'
import { chooseProviderKeys } from './choose-provider-keys.ts'
import { endpointTargets, modelAt } from './endpoint-target.ts'
import { LOOP_HEADER } from './loop-mark.ts'
import type { ModelName, NamedModel } from './model-name.ts'
import { bindTargets, type Target } from './target.ts'

/** Whom a call names, before it is known who calls: a provider, or an endpoint of the caller's organization. */
export type Addressee =
  | { readonly kind: 'provider'; readonly provider: Provider }
  | { readonly kind: 'endpoint'; readonly endpointName: string }

/** Where a caller's call goes. */
export type Destination =
  | {
      readonly kind: 'provider'
      readonly provider: Provider
      readonly keys: readonly SealedProviderKey[]
    }
  | {
      readonly kind: 'endpoint'
      readonly provider: Upstream
      readonly endpoint: EndpointRecord
    }

/** The keys that an addressee may need; an endpoint's own is in the record of its organization, which is read anyway. */
export async function providerKeysFor(
  addressee: Addressee,
  organizationId: string,
  { replica }: Pick<Dependencies, 'replica'>,
): Promise<readonly SealedProviderKey[]> {
  if (addressee.kind === 'endpoint') return []
  return await replica.providerKeys(organizationId, addressee.provider.name)
}

/** Finds it among what the caller may use. Throws `provider_not_allowed` or `unknown_endpoint`. */
export function destinationOf(
  addressee: Addressee,
  keys: readonly SealedProviderKey[],
  caller: Caller,
): Destination {
  if (addressee.kind === 'provider') {
    const { provider } = addressee
    requireProviderAllowed(caller, provider.name)
    return { kind: 'provider', provider, keys }
  }
  requireProviderAllowed(caller, PRIVATE_ENDPOINTS)
  const endpoint = caller.organization.endpoints?.find(
    ({ name }) => name === addressee.endpointName,
  )
  if (endpoint === undefined) {
    const name = addressee.endpointName.slice(0, 100)
    throw new GatewayError(
      'unknown_endpoint',
      `The organization has no private endpoint named ${name}. GET /v1/models lists what this key can use.`,
      { param: 'model' },
    )
  }
  return { kind: 'endpoint', provider: privateEndpoint(endpoint), endpoint }
}

/** The model that is meant by a name at a destination. Throws `unknown_model` where an endpoint has none by it. */
export function modelNamedAt(
  destination: Destination,
  { model }: Pick<ModelName, 'model'>,
): NamedModel {
  const { provider } = destination
  if (destination.kind === 'endpoint') {
    return { provider, model: modelAt(destination.endpoint, model) }
  }
  return { provider, model: model ?? '' }
}

/** Whether it matters which model is asked for: the API key, a provider key or the endpoint is held to some. */
export function isHeldToModels({ apiKey }: Caller, destination: Destination): boolean {
  if (apiKey.models.length > 0) return true
  return destination.kind === 'endpoint'
    ? destination.endpoint.models.length > 0
    : destination.keys.some(({ models }) => models.length > 0)
}

export interface TargetWish {
  readonly organizationId: string
  readonly caller: Caller
  /** Undefined where the request names none. */
  readonly model: string | undefined
  /** The request only reads, such as a list of models. */
  readonly isReading?: boolean
  readonly options: RequestOptions
  readonly headers: HeaderValues
  /** The caller's own upstream keys, by header. */
  readonly callerKeys: ReadonlyMap<string, string> | undefined
  /** The URL that Keyway was called by. */
  readonly url: string
}

/** The places that a call may be sent to, in order; from the first one again at each call. Throws `no_provider_key`. */
export function targetsAt(
  destination: Destination,
  wish: TargetWish,
  deps: Dependencies,
  trace: Trace,
): () => AsyncGenerator<Target> {
  const { organizationId, caller, model, isReading = false, options, headers, callerKeys } = wish
  const { provider } = destination
  const pinnedId = options.providerKeyId
  if (destination.kind === 'endpoint') {
    const { endpoint } = destination
    if (pinnedId !== undefined && pinnedId !== endpoint.id) throw notItsKey(provider)
    const ownHost = new URL(wish.url).host
    const cdnLoop = headers.get(LOOP_HEADER)
    const choice = { organizationId, provider, endpoint, ownHost, callerKeys, cdnLoop, model }
    return () => endpointTargets(choice, deps, trace)
  }
  const keys = chooseProviderKeys(destination.keys, {
    provider: provider.name,
    apiKeyId: caller.apiKey.id,
    model,
    isReading,
    pinnedId,
  })
  const location = requestedLocation(provider, options)
  const { isRoutesLocation } = options
  const place = { location, isRoutesLocation }
  const choice = { organizationId, provider: destination.provider, keys, callerKeys, ...place }
  return () => bindTargets({ ...choice, model }, deps, trace)
}

function notItsKey({ name }: Upstream): GatewayError {
  return new GatewayError(
    'no_provider_key',
    `${name} has a key of its own: leave x-keyway-provider-key out, or name the endpoint's id there.`,
    { param: 'x-keyway-provider-key' },
  )
}

/** What the answer's headers say of where a call went: both together are the model's full name. */
export function noteModel(trace: Trace, provider: Upstream, model: string): void {
  trace.provider = groupOf(provider)
  trace.model = `${provider.name}/${model}`.slice(trace.provider.length + 1)
}
