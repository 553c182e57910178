import type { JsonObject } from '../../core/parse.ts'
import type {
  SealedProviderKey,
  TargetParameters,
  Timeouts,
} from '../../storage/replica/records.ts'
import { type Caller, requireModelAllowed } from '../caller/authenticate.ts'
import type { HeaderValues } from '../caller/header-values.ts'
import type { PresentedKey } from '../caller/read-api-key.ts'
import type { ModelCall } from '../caller/read-model-call.ts'
import type { RequestOptions } from '../caller/request-options.ts'
import { requireOneModel } from '../caller/require-one-model.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Trace } from '../record/trace.ts'
import { warnInto } from '../record/warn-into.ts'
import {
  destinationOf,
  isHeldToModels,
  modelNamedAt,
  noteModel,
  targetsAt,
} from '../target/destination.ts'
import type { ModelName, NamedModel } from '../target/model-name.ts'
import { withModelOverride, withOverrides } from '../target/overrides.ts'
import { withLimits } from '../target/target-parameters.ts'
import type { Target } from '../target/target.ts'

/** A call for one model, which its caller may make. */
export interface OpenedCall {
  readonly call: ModelCall
  readonly named: NamedModel
  readonly options: RequestOptions
  readonly headers: HeaderValues
  readonly organizationId: string
  /** What fields of the request are called where it is sent; not there where none has another name. */
  readonly rename?: TargetParameters['rename'] | undefined
  /** The places that it may be sent to, in order; from the first one again at each call. */
  readonly targets: () => AsyncGenerator<Target>
  /** The caller's departure. */
  readonly signal: AbortSignal
  /** How long a route lets its target be waited for. */
  readonly timeouts?: Timeouts | undefined
}

/** A call whose caller is known, whatever model it is for. */
export interface KnownCall extends Pick<OpenedCall, 'call' | 'options' | 'headers' | 'signal'> {
  readonly caller: Caller
  readonly presented: PresentedKey
  /** The URL that Keyway was called by. */
  readonly url: string
}

/** One model that a call may be for. */
export interface Wanted {
  readonly name: ModelName
  readonly keys: readonly SealedProviderKey[]
  /** Fields of the request that a route's target replaces. */
  readonly overrides?: JsonObject | undefined
  /** What it does to others. */
  readonly parameters?: TargetParameters | undefined
  readonly timeouts?: Timeouts | undefined
}

/** Finds out whether the caller may use a model, and with which keys. Throws what is in the way. */
export function openFor(
  { call: asked, options, headers, signal, caller, presented, url }: KnownCall,
  { name: wanted, keys, overrides, parameters, timeouts }: Wanted,
  deps: Dependencies,
  trace: Trace,
): OpenedCall {
  const { organizationId, callerKeys } = presented
  const name = withModelOverride(wanted, overrides)
  const destination = destinationOf(name, keys, caller)
  const named = modelNamedAt(destination, name)
  const { provider, model } = named

  requireModelAllowed(caller, provider.name, model)
  const call = withOverrides(withLimits(asked, parameters?.max, warnInto(trace)), overrides)
  if (isHeldToModels(caller, destination)) requireOneModel(call.text)
  noteModel(trace, provider, model)
  const wish = { organizationId, caller, model, options, headers, callerKeys, url }
  const targets = targetsAt(destination, wish, deps, trace)
  const rename = parameters?.rename
  return { call, named, options, headers, organizationId, rename, targets, signal, timeouts }
}
