import { GatewayError } from '../core/errors.ts'
import {
  authenticate,
  type Caller,
  isHeldToModels,
  requireModelAllowed,
  requireProviderAllowed,
} from './authenticate.ts'
import { chooseProviderKeys, type NamedModel, readModelName } from './choose-targets.ts'
import { departureOf } from './departure.ts'
import type { Dependencies } from './dependencies.ts'
import type { HeaderValues } from './header-values.ts'
import { declaredLength } from './read-body.ts'
import type { PresentedKey } from './read-api-key.ts'
import { type ModelCall, readModelCall } from './read-model-call.ts'
import { type RequestOptions, readRequestOptions, requestedLocation } from './request-options.ts'
import { requireOneModel } from './require-one-model.ts'
import { bindTargets, type Target } from './target.ts'
import { timed, type Trace } from './trace.ts'

/** What a call says of itself before anything is done for it. */
export interface IncomingCall {
  readonly request: Request
  /** The request's headers. */
  readonly headers: HeaderValues
  readonly presented: PresentedKey
  /** The model, on surfaces that name it in the path. */
  readonly modelInPath?: string
}

/** A call whose caller is known and may make it. */
export interface OpenedCall {
  readonly call: ModelCall
  readonly named: NamedModel
  readonly options: RequestOptions
  readonly headers: HeaderValues
  readonly organizationId: string
  /** The places that it may be sent to, in order; from the first one again at each call. */
  readonly targets: () => AsyncGenerator<Target>
  /** The caller's departure. */
  readonly signal: AbortSignal
}

/**
 * Reads a call and finds out whether its caller may make it, and with which keys. The key, the organization and its
 * provider keys are read at once, which is why the body is read before the key is known to exist, unless it is large; who
 * calls is judged before what they ask for.
 */
export async function openCall(
  incoming: IncomingCall,
  deps: Dependencies,
  trace: Trace,
): Promise<OpenedCall> {
  const { request, headers, presented } = incoming
  const { organizationId, callerKeys } = presented
  const identify = (): Promise<Caller> =>
    timed(trace, 'auth', deps.nowMs, () => authenticate(presented, deps, trace))
  const known = isLarge(headers) ? await identify() : undefined
  const reading = await settled(() => understand(incoming))
  const [caller, providerKeys] = await Promise.all([
    known ?? identify(),
    reading.kind === 'fault'
      ? []
      : timed(trace, 'credential', deps.nowMs, () =>
          deps.replica.providerKeys(organizationId, reading.value.named.provider.name),
        ),
  ])
  if (reading.kind === 'fault') throw reading.fault
  const { call, named, options } = reading.value
  const { provider, model } = named

  requireProviderAllowed(caller, provider.name)
  requireModelAllowed(caller, provider.name, model)
  if (isHeldToModels(caller, providerKeys)) requireOneModel(call.text)
  trace.provider = provider.name
  trace.model = model
  const keys = chooseProviderKeys(providerKeys, {
    provider: provider.name,
    apiKeyId: caller.apiKey.id,
    model,
    pinnedId: options.providerKeyId,
  })
  const location = requestedLocation(provider, options)
  const choice = { organizationId, provider, keys, callerKeys, location }
  return {
    call,
    named,
    options,
    headers,
    organizationId,
    targets: () => bindTargets(choice, deps, trace),
    signal: departureOf(request),
  }
}

/** A body of this size is not read for strangers: many of them would fill the isolate. */
const LARGE_BODY_BYTES = 256 * 1024

function isLarge(headers: HeaderValues): boolean {
  return (declaredLength(headers) ?? Infinity) > LARGE_BODY_BYTES
}

async function understand({
  request,
  headers,
  modelInPath,
}: IncomingCall): Promise<Pick<OpenedCall, 'call' | 'named' | 'options'>> {
  const options = readRequestOptions(headers)
  const call = await readModelCall(request, headers, modelInPath)
  return { call, named: readModelName(call.model), options }
}

type Settled<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'fault'; readonly fault: GatewayError }

/** The caller's own mistakes, kept until it is known who the caller is. */
async function settled<Value>(work: () => Promise<Value>): Promise<Settled<Value>> {
  try {
    return { kind: 'value', value: await work() }
  } catch (error) {
    if (error instanceof GatewayError) return { kind: 'fault', fault: error }
    throw error
  }
}
