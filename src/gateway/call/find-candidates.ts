import { conversationOpening } from '../../core/conversation-opening.ts'
import { GatewayError } from '../../core/errors.ts'
import { isConversation, type SurfaceFormat } from '../../core/wire-format.ts'
import { admit } from '../caller/admit.ts'
import { authenticate, type Caller } from '../caller/authenticate.ts'
import type { HeaderValues } from '../caller/header-values.ts'
import type { PresentedKey } from '../caller/read-api-key.ts'
import { declaredLength } from '../caller/read-body.ts'
import { readModelCall } from '../caller/read-model-call.ts'
import { optionsAt, readRequestOptions } from '../caller/request-options.ts'
import { tokensOfCall } from '../caller/request-tokens.ts'
import type { Dependencies } from '../dependencies.ts'
import { timed, type Trace } from '../record/trace.ts'
import { providerKeysFor } from '../target/destination.ts'
import { modelNameIn, readModelName } from '../target/model-name.ts'
import { candidatesByHealth } from './candidates-by-health.ts'
import { type OpenedCall, openFor } from './opened-call.ts'
import { candidatesOf, routeNamed, timeoutsOf } from './route-candidates.ts'

/** What a call says of itself before anything is done for it. */
export interface IncomingCall {
  readonly request: Request
  /** The format that the caller speaks. */
  readonly format: SurfaceFormat
  /** The request's headers. */
  readonly headers: HeaderValues
  readonly presented: PresentedKey
  /** The model, on surfaces that name it in the path. */
  readonly modelInPath?: string
}

/** One model that a call may be sent to. */
export interface Candidate {
  /** Its name, as the caller or the route gives it. */
  readonly name: string
  /**
   * Throws what is in the way: the caller may not use it, or the organization has no key for it. The trace is told of it,
   * and the signal says when it is not wanted any more.
   */
  readonly open: (trace: Trace, signal: AbortSignal) => OpenedCall
}

/** The models that a call may be sent to, in the order in which they are to be tried. */
export interface Candidates {
  readonly candidates: readonly Candidate[]
  /** The caller's departure. */
  readonly signal: AbortSignal
  /** When the next is tried beside one that has not begun to answer; undefined where it waits its turn. */
  readonly hedgeAfterMs?: number | undefined
}

/**
 * Reads a call, and finds out who calls and which models would do, in the order in which they are to be tried: one, or the
 * targets of a route. The key, the organization and the keys of the provider that is named are read at once, which is why
 * the body is read before the key is known to exist, unless it is large; who calls is judged before what they ask for.
 */
export async function findCandidates(
  incoming: IncomingCall,
  deps: Dependencies,
  trace: Trace,
): Promise<Candidates> {
  const { request, format, headers, presented } = incoming
  const { organizationId } = presented
  const identify = (): Promise<Caller> =>
    timed(trace, 'auth', deps.nowMs, () => authenticate(presented, deps, trace))
  const known = isLarge(headers) ? await identify() : undefined
  const reading = await settled(() => understand(incoming))
  const name = reading.kind === 'fault' ? undefined : modelNameIn(reading.value.call.model)
  const [caller, keys] = await Promise.all([
    known ?? identify(),
    name === undefined
      ? []
      : timed(trace, 'credential', deps.nowMs, () => providerKeysFor(name, organizationId, deps)),
  ])
  if (reading.kind === 'fault') throw reading.fault
  const { call, options } = reading.value
  trace.meter.metadata = options.metadata
  trace.meter.isStream = call.wantsStream
  const { apiKey } = caller
  if (apiKey.limits !== undefined) {
    await admit({ apiKey, tokensOf: () => tokensOfCall(format, call) }, deps, trace)
  }
  const { signal } = request
  const knownCall = { call, options, headers, signal, caller, presented, url: request.url }
  const route = routeNamed(call.model, caller.organization)
  if (route === undefined) {
    const wanted = { name: name ?? readModelName(call.model), keys }
    const open = (): OpenedCall => openFor(knownCall, wanted, deps, trace)
    return { candidates: [{ name: call.model, open }], signal }
  }
  const openingOf = (): string | undefined =>
    format === 'openai-embeddings' ? undefined : conversationOpening(call.body)
  const found = await candidatesOf({ route, organizationId, openingOf }, deps, trace)
  const asked = { ...knownCall, staysWithModel: !isConversation(format) }
  const inOrder = candidatesByHealth(found, asked, deps, trace)
  const candidates = inOrder.map(({ target, keys: its }) => ({
    name: target.model,
    open: (on: Trace, until: AbortSignal) => {
      const { model, region, overrides, parameters } = target
      const timeouts = timeoutsOf(route, target)
      const wanted = { name: readModelName(model), keys: its, overrides, parameters, timeouts }
      const there = { ...knownCall, options: optionsAt(options, region), signal: until }
      return openFor(there, wanted, deps, on)
    },
  }))
  return { candidates, signal, hedgeAfterMs: route.hedge_after_ms }
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
}: IncomingCall): Promise<Pick<OpenedCall, 'call' | 'options'>> {
  const options = readRequestOptions(headers)
  return { options, call: await readModelCall(request, headers, modelInPath) }
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
