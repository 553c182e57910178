import type { GatewayError } from '../../core/errors.ts'
import type { Metering } from '../../storage/replica/records.ts'
import type { Sealed } from '../../storage/use/credential-name.ts'
import type { HealthNews } from '../../storage/use/key-health.ts'
import { type Ending, Meter } from './meter.ts'

/** One attempt at a target. `outcome` is the upstream's status, or what happened instead. */
export interface AttemptRecord {
  readonly keyId: string
  readonly outcome: string
  /** The full name of the model that was asked, where it is known. */
  readonly model?: string
  /** Why it gave way to another target; undefined for the one that answered. `cancelled`: another answered sooner. */
  readonly reason?: FailureReason | 'misconfigured' | 'cancelled'
  /** What to remember against the key; nothing where the caller left in the middle of it. */
  readonly fault?: KeyFault
  /** The id is that of a private endpoint, not of a provider key. */
  readonly isEndpoint?: boolean
  /** What it changed in the health of the key. */
  readonly health?: HealthNews
  /** What the credential came from. Undefined where it is only tried out. */
  readonly record?: Sealed
}

/** What went wrong with a provider key, without anything that an upstream or a caller said. */
export interface KeyFault {
  readonly status: number | null
  readonly message: string
}

export type FailureReason =
  | 'refused'
  | 'rate-limited'
  | 'overloaded'
  | 'spent'
  | 'failed'
  | 'unreachable'
  | 'redirected'
  | 'timed-out'

/** All that is noted of one request on its way: for its answer's headers, its record and the log. Filled in as it goes along. */
export interface Trace {
  readonly requestId: string
  /** Who called, once that is known. Not told in the answer. */
  caller?: {
    readonly organizationId: string
    readonly apiKeyId: string
    readonly metering: Metering
    /** Where the API key is limited: what answers say of that, and whether tokens must be known. */
    readonly limited?: {
      readonly headers: Readonly<Record<string, string>>
      readonly countsTokens: boolean
    }
  }
  provider?: string
  model?: string
  providerKeyId?: string
  /** Why the answer broke off, where more is known than that it did. */
  brokenOff?: GatewayError
  /** The work on a call whose caller has got a status already; it may fail. */
  remainingWork?: Promise<unknown>
  readonly attempts: AttemptRecord[]
  readonly warnings: string[]
  /** Durations in milliseconds by step. */
  readonly timings: Map<string, number>
  /** What is recorded of the request. */
  readonly meter: Meter
}

/** `onEnd` is told once, when the request has ended. */
export function newTrace(requestId: string, onEnd?: (trace: Trace, ending: Ending) => void): Trace {
  const trace: Trace = {
    requestId,
    attempts: [],
    warnings: [],
    timings: new Map(),
    meter: new Meter((ending) => onEnd?.(trace, ending)),
  }
  return trace
}

/** Whether the tokens of this request are counted: for its record, or against a limit. */
export function countsTokens(trace: Trace): boolean {
  return trace.caller?.limited?.countsTokens === true || recordsTokens(trace)
}

/** Whether the organization wants the tokens of this request recorded. */
export function recordsTokens({ caller, meter }: Trace): boolean {
  if (caller === undefined || caller.metering === 'off') return false
  return caller.metering === 'all' || meter.surface !== NATIVE_SURFACE
}

export const NATIVE_SURFACE = 'native'

/** Whether the tokens of a conversation are only counted. */
export function isCounting({ meter }: Trace): boolean {
  return meter.surface === 'anthropic-count-tokens'
}

/** Runs a step and adds the time that it took to the trace. */
export async function timed<Result>(
  trace: Trace,
  step: string,
  nowMs: () => number,
  work: () => Promise<Result>,
): Promise<Result> {
  const startMs = nowMs()
  try {
    return await work()
  } finally {
    trace.timings.set(step, (trace.timings.get(step) ?? 0) + nowMs() - startMs)
  }
}

/** The trace as an answer's headers. */
export function traceHeaders(trace: Trace): Record<string, string> {
  const { requestId, caller, provider, model, providerKeyId, attempts, warnings, timings } = trace
  const headers: Record<string, string> = { 'x-keyway-request-id': requestId }
  if (caller?.limited !== undefined) Object.assign(headers, caller.limited.headers)
  if (provider !== undefined) headers['x-keyway-provider'] = provider
  if (model !== undefined) headers['x-keyway-model'] = headerSafe(model.slice(0, 400))
  if (providerKeyId !== undefined) headers['x-keyway-provider-key'] = providerKeyId
  if (attempts.length > 0) {
    headers['x-keyway-attempts'] = shortList(
      attempts,
      ({ keyId, outcome }) => `${keyId}:${outcome}`,
    )
  }
  if (warnings.length > 0) {
    headers['x-keyway-warnings'] = headerSafe(warnings.join(', ').slice(0, 4096))
  }
  if (timings.size > 0) {
    headers['server-timing'] = Array.from(
      timings,
      ([step, ms]) => `${step};dur=${ms.toFixed(1)}`,
    ).join(', ')
  }
  return headers
}

/** More than a reader reads; clients refuse headers of 16 KiB. */
const MOST_LISTED = 32

/** A list in words, of which the end is told by its number where it is long. */
export function shortList<Item>(
  items: readonly Item[],
  said: (item: Item) => string,
  separator = ', ',
): string {
  const more = items.length - MOST_LISTED
  const listed = items.slice(0, MOST_LISTED).map(said)
  return (more > 0 ? [...listed, `and ${more} more`] : listed).join(separator)
}

/** A model id can hold any character that a caller typed; a header cannot. */
function headerSafe(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}
