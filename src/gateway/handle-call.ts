import { editMembers } from '../core/json-members.ts'
import { GatewayError } from '../core/errors.ts'
import type { WireFormat } from '../core/wire-format.ts'
import type { Service } from '../providers/provider.ts'
import { answerCall } from './answer.ts'
import {
  authenticate,
  type Caller,
  isHeldToModels,
  requireModelAllowed,
  requireProviderAllowed,
} from './authenticate.ts'
import { callFirstHealthy, type PreparedRequest } from './call-upstream.ts'
import { chooseProviderKeys, type NamedModel, readModelName } from './choose-targets.ts'
import { departureOf } from './departure.ts'
import type { Dependencies } from './dependencies.ts'
import { declaredLength } from './read-body.ts'
import { type ModelCall, readModelCall } from './read-model-call.ts'
import type { PresentedKey } from './read-api-key.ts'
import { requireOneModel } from './require-one-model.ts'
import { type RequestOptions, readRequestOptions, requestedLocation } from './request-options.ts'
import { bindTargets, type Target, urlAt } from './target.ts'
import { timed, type Trace } from './trace.ts'

/** A call on a universal surface, as its route understood it. */
export interface UniversalCall {
  readonly request: Request
  readonly presented: PresentedKey
  /** The format that the caller speaks. */
  readonly format: WireFormat
  /** The model, on surfaces that name it in the path. */
  readonly modelInPath?: string
}

/**
 * One call on a universal surface, from the caller's bytes to the caller's answer. Start reading here.
 * The key, the organization and its provider keys are read at once, which is why the body is read before the key is
 * known to exist, unless it is large; who calls is judged before what they ask for.
 */
export async function handleCall(
  { request, presented, format, modelInPath }: UniversalCall,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const identify = (): Promise<Caller> =>
    timed(trace, 'auth', deps.nowMs, () => authenticate(presented, deps, trace))
  const known = isLarge(request) ? await identify() : undefined
  const reading = await settled(() => understand(request, modelInPath))
  const [caller, providerKeys] = await Promise.all([
    known ?? identify(),
    reading.kind === 'fault'
      ? []
      : timed(trace, 'credential', deps.nowMs, () =>
          deps.replica.providerKeys(presented.organizationId, reading.value.named.provider.name),
        ),
  ])
  if (reading.kind === 'fault') throw reading.fault
  const { call, named, options } = reading.value

  requireProviderAllowed(caller, named.provider.name)
  requireModelAllowed(caller, named.provider.name, named.model)
  if (isHeldToModels(caller, providerKeys)) requireOneModel(call.text)
  const service = findService(named, format)
  trace.provider = named.provider.name
  trace.model = named.model
  const keys = chooseProviderKeys(providerKeys, {
    provider: named.provider.name,
    apiKeyId: caller.apiKey.id,
    model: named.model,
    pinnedId: options.providerKeyId,
  })
  const { organizationId, callerKeys } = presented
  const location = requestedLocation(named.provider, options)
  const choice = { organizationId, provider: named.provider, keys, callerKeys, location }
  const attempt = await callFirstHealthy(
    {
      organizationId,
      targets: bindTargets(choice, deps, trace),
      prepare: (target) =>
        prepare({ call, service, target, model: named.model, request }, deps, trace),
      signal: departureOf(request),
    },
    deps,
    trace,
  )
  return await answerCall({ attempt, format, service, wantsStream: call.wantsStream }, deps, trace)
}

/** A body of this size is not read for strangers: many of them would fill the isolate. */
const LARGE_BODY_BYTES = 256 * 1024

function isLarge({ headers }: Request): boolean {
  return (declaredLength(headers) ?? Infinity) > LARGE_BODY_BYTES
}

interface Understood {
  readonly call: ModelCall
  readonly named: NamedModel
  readonly options: RequestOptions
}

async function understand(request: Request, modelInPath: string | undefined): Promise<Understood> {
  const options = readRequestOptions(request.headers)
  const call = await readModelCall(request, modelInPath)
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

function findService({ provider, model }: NamedModel, format: WireFormat): Service {
  const service = provider.services.find(
    (row) => row.format === format && (row.models?.test(model) ?? true),
  )
  if (service !== undefined) return service
  throw new GatewayError(
    'unsupported_parameter',
    `${provider.name}/${model} cannot be called in the format ${format} yet: it would need translation.`,
    { param: 'model' },
  )
}

interface Preparation {
  readonly call: ModelCall
  readonly service: Service
  readonly target: Target
  readonly model: string
  readonly request: Request
}

function prepare(
  { call, service, target, model, request }: Preparation,
  deps: Dependencies,
  trace: Trace,
): PreparedRequest {
  const warn = (warning: string): void => {
    if (!trace.warnings.includes(warning)) trace.warnings.push(warning)
  }
  const { wantsStream } = call
  const { site } = target
  const serviceCall = { model, wantsStream, site, headers: request.headers, warn }
  const headers = new Headers(target.provider.native.defaultHeaders)
  for (const name of service.headers ?? []) {
    const value = request.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  headers.set('content-type', 'application/json')
  headers.set('accept', acceptOf(service, wantsStream))
  headers.set('accept-encoding', 'identity')
  return {
    method: 'POST',
    url: urlAt(target, service.path(serviceCall), deps),
    headers,
    body: editMembers(call.text, service.edits(serviceCall)),
  }
}

function acceptOf(service: Service, wantsStream: boolean): string {
  if (!wantsStream) return 'application/json'
  return service.framing === 'aws-event-stream'
    ? 'application/vnd.amazon.eventstream'
    : 'text/event-stream'
}
