import { GatewayError } from '../core/errors.ts'
import { authenticate, type Caller, requireModelAllowed } from './authenticate.ts'
import { type ModelName, type NamedModel, readModelName } from './choose-targets.ts'
import { departureOf } from './departure.ts'
import type { Dependencies } from './dependencies.ts'
import {
  type Destination,
  destinationOf,
  isHeldToModels,
  noteModel,
  providerKeysFor,
  targetsAt,
} from './destination.ts'
import { modelAt } from './endpoint-target.ts'
import type { HeaderValues } from './header-values.ts'
import { declaredLength } from './read-body.ts'
import type { PresentedKey } from './read-api-key.ts'
import { type ModelCall, readModelCall } from './read-model-call.ts'
import { type RequestOptions, readRequestOptions } from './request-options.ts'
import { requireOneModel } from './require-one-model.ts'
import type { Target } from './target.ts'
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
          providerKeysFor(reading.value.name, organizationId, deps),
        ),
  ])
  if (reading.kind === 'fault') throw reading.fault
  const { call, name, options } = reading.value
  trace.meter.metadata = options.metadata
  trace.meter.isStream = call.wantsStream
  const destination = destinationOf(name, providerKeys, caller)
  const named = namedAt(destination, name)
  const { provider, model } = named

  requireModelAllowed(caller, provider.name, model)
  if (isHeldToModels(caller, destination)) requireOneModel(call.text)
  noteModel(trace, provider, model)
  const wish = { organizationId, caller, model, options, callerKeys, url: request.url }
  const targets = targetsAt(destination, wish, deps, trace)
  return { call, named, options, headers, organizationId, targets, signal: departureOf(request) }
}

function namedAt(destination: Destination, { model }: ModelName): NamedModel {
  const { provider } = destination
  if (destination.kind === 'endpoint') {
    return { provider, model: modelAt(destination.endpoint, model) }
  }
  return { provider, model: model ?? '' }
}

/** A body of this size is not read for strangers: many of them would fill the isolate. */
const LARGE_BODY_BYTES = 256 * 1024

function isLarge(headers: HeaderValues): boolean {
  return (declaredLength(headers) ?? Infinity) > LARGE_BODY_BYTES
}

interface Understood extends Pick<OpenedCall, 'call' | 'options'> {
  readonly name: ModelName
}

async function understand({ request, headers, modelInPath }: IncomingCall): Promise<Understood> {
  const options = readRequestOptions(headers)
  const call = await readModelCall(request, headers, modelInPath)
  return { call, name: readModelName(call.model), options }
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
