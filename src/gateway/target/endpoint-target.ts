import { GatewayError } from '../../core/errors.ts'
import { safeBaseUrl } from '../../core/safe-url.ts'
import { modelsOfKind } from '../../providers/private-endpoint.ts'
import type { Upstream } from '../../providers/provider.ts'
import { privateEndpointName } from '../../providers/registry.ts'
import type { EndpointRecord } from '../../storage/replica/records.ts'
import type { Dependencies } from '../dependencies.ts'
import { timed, type Trace } from '../record/trace.ts'
import { LOOP_HEADER, loopMark } from './loop-mark.ts'
import type { Target } from './target.ts'

export interface EndpointChoice {
  readonly organizationId: string
  readonly provider: Upstream
  readonly endpoint: EndpointRecord
  /** Keyway's own host, as it was called. */
  readonly ownHost: string
  /** The caller's own upstream keys, by header; undefined where none of the request's is meant for upstream. */
  readonly callerKeys: ReadonlyMap<string, string> | undefined
  /** What the caller said of the way that the request has come: its `cdn-loop`. */
  readonly cdnLoop: string | null
}

/** An endpoint, and the model that a call to it is for where anyone knows which. */
export interface EndpointCall extends EndpointChoice {
  readonly model: string | undefined
}

/** The models that an endpoint lists, else those that all of its kind have. */
export function modelsListedAt(endpoint: EndpointRecord): readonly string[] {
  return endpoint.models.length === 0 ? modelsOfKind(endpoint) : endpoint.models
}

/** The model of calls that name none: the endpoint's default, else its only one, else its kind's. */
export function usualModelAt(endpoint: EndpointRecord): string | undefined {
  const { models, default_model } = endpoint
  return default_model ?? (models.length === 1 ? models[0] : modelsOfKind(endpoint)[0])
}

/** The model that a call to an endpoint is for. Throws `unknown_model`. */
export function modelAt(endpoint: EndpointRecord, wished: string | undefined): string {
  const { name, default_model } = endpoint
  const models = modelsListedAt(endpoint)
  const model = wished ?? usualModelAt(endpoint)
  if (model === undefined || model === '') {
    throw unknownModel(
      `The endpoint ${name} has no default model: name it ${privateEndpointName(name)}/{model}.`,
    )
  }
  const isListed = models.length === 0 || models.includes(model) || model === default_model
  if (isListed) return model
  throw unknownModel(
    `The endpoint ${name} lists no model "${model.slice(0, 100)}". GET /v1/models names those that this key can use.`,
  )
}

function unknownModel(message: string): GatewayError {
  return new GatewayError('unknown_model', message, { param: 'model' })
}

/** The one place that an endpoint is: its address is checked again, and its secrets are opened, when a call is made. */
export async function* endpointTargets(
  { model, ...choice }: EndpointCall,
  deps: Dependencies,
  trace: Trace,
): AsyncGenerator<Target> {
  const target = await timed(trace, 'credential', deps.nowMs, () => endpointTarget(choice, deps))
  yield { ...target, record: choice.endpoint, model }
}

/**
 * Throws `misconfigured` where the endpoint is stored in a way that this deployment cannot call, and `no_provider_key` where
 * it takes its callers' own tokens and the request brings none.
 */
export async function endpointTarget(
  { organizationId, provider, endpoint, ownHost, callerKeys, cdnLoop }: EndpointChoice,
  deps: Dependencies,
): Promise<Target> {
  requireSafeUrl({ provider, endpoint, ownHost }, deps)
  const mark = loopMark(cdnLoop, provider)
  const stored = await deps.openEndpoint(organizationId, endpoint).catch(() => {
    throw misconfigured(
      provider,
      'its key or its headers do not open: the master key that sealed them is not in MASTER_KEYS',
    )
  })
  const { id: keyId, name, reach, auth } = endpoint
  const headers = { ...stored.headers, [LOOP_HEADER]: mark }
  const apiKey = auth === 'caller' ? tokenOfCaller(provider, callerKeys) : stored.apiKey
  const credential = { ...stored, apiKey, headers }
  const site = { credential, settings: {}, location: '' }
  const target = { provider, keyId, site, endpoint, isCallers: auth === 'caller' }
  if (reach === 'url') return target
  const place = { organizationId, endpointId: keyId, endpointName: name }
  return { ...target, fetch: deps.connectorFetch(place) }
}

/** Used for the caller's own request, and never kept. */
function tokenOfCaller(
  { name }: Pick<Upstream, 'name'>,
  callerKeys: EndpointChoice['callerKeys'],
): string {
  const token = callerKeys?.get('authorization')
  if (token !== undefined) return token
  throw new GatewayError(
    'no_provider_key',
    `${name} takes each caller's own token, and the request brings none: send it as "Authorization: Bearer", and your Keyway key as "x-keyway-api-key".`,
  )
}

/** What was stored may be older than the rules, or come from a deployment that allows more. */
function requireSafeUrl(
  {
    provider,
    endpoint: { base_url: url },
    ownHost,
  }: Pick<EndpointChoice, 'provider' | 'endpoint' | 'ownHost'>,
  { allowLoopbackUpstreams: allowLoopback, allowedEndpointPorts: allowedPorts = [] }: Dependencies,
): void {
  if (url === null) return
  try {
    safeBaseUrl(url, 'base_url', { allowLoopback, allowedPorts, ownHost })
  } catch (error) {
    if (error instanceof GatewayError) throw misconfigured(provider, error.message)
    throw error
  }
}

function misconfigured({ name }: Pick<Upstream, 'name'>, why: string): GatewayError {
  return new GatewayError(
    'misconfigured',
    `${name} is not one that can be called: ${why.replace(/\.$/, '')}.`,
  )
}
