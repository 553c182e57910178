import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { groupOf } from '../../providers/provider.ts'
import type { Deadlines } from '../../streams/deadlines.ts'
import type { CredentialRefused, OutgoingHeaders } from '../../upstream-auth/upstream-auth.ts'
import type { Dependencies } from '../dependencies.ts'
import type { AttemptRecord, FailureReason, Trace } from '../record/trace.ts'
import type { Target } from '../target/target.ts'
import { attemptAt } from './attempt.ts'
import { noteHealth } from './note-health.ts'
import type { Expected } from './patience.ts'

/** A request as a target is to get it, but for the proof of identity. */
export interface PreparedRequest {
  readonly method: string
  readonly url: string
  readonly headers: OutgoingHeaders
  readonly body: BodyInit | null
}

/** An attempt that brought an answer for the caller, good or bad. */
export interface Answered {
  readonly kind: 'answer'
  readonly target: Target
  readonly response: Response
  /** What still limits the answer; whoever takes it tells them how far it has come. */
  readonly deadlines?: Deadlines | undefined
}

/** An attempt that gives way to the next target. */
export interface Failed {
  readonly kind: 'failure'
  readonly target: Target
  readonly reason: FailureReason
  /** The upstream's own answer, where there was one. */
  readonly response?: Response
  /** The refusal of the credential, where nothing was sent for it. */
  readonly refusal?: CredentialRefused
  /** What it means, where that is known already: what stood between Keyway and a private model said it. */
  readonly error?: GatewayError
  /** How a good beginning ended before anything of an answer, perhaps in the upstream's own words. */
  readonly early?: GatewayError
  /** How long the upstream asks to be left alone. */
  readonly retryAfterMs?: number | undefined
}

export type Attempt = Answered | Failed

/** An answer of which the first byte is there for the caller. */
export interface AnsweredCaller extends Answered {
  readonly forCaller: Response
}

/** How a call ended: with an answer, or with the last failure and the one that tells most. */
export type CallResult<Good extends Answered = Answered> =
  | Good
  | (Failed & { readonly telling: Failed })

type FailedCall = Extract<CallResult, { readonly kind: 'failure' }>

/** The failure to tell the caller of; what the last attempt brought is let go of where that is another. */
export function tellingOf(failed: FailedCall, deps: Pick<Dependencies, 'waitUntil'>): Failed {
  if (failed.response !== failed.telling.response) discard(failed, deps)
  return failed.telling
}

export interface UpstreamCall {
  readonly organizationId: string
  readonly targets: AsyncIterable<Target> | Iterable<Target>
  /** The request for a target, made anew for each attempt. */
  readonly prepare: (target: Target) => PreparedRequest | Promise<PreparedRequest>
  /** The caller's departure. */
  readonly signal: AbortSignal
  /** What its answer is like; a whole one where nothing is said. */
  readonly expected?: Expected
}

/** A call whose answer is made for the caller as long as another target can still be tried. */
export interface AnsweringCall extends UpstreamCall {
  /** The caller's answer, as soon as its first byte is there. Throws `GatewayError`. */
  readonly answer: (answered: Answered) => Promise<Response>
}

/**
 * Tries targets in order until one gives an answer, or the first byte of the caller's. Refused keys, spent accounts, rate
 * limits, upstream failures and broken connections give way to the next target; what is the matter with the request
 * itself does not.
 */
export async function callFirstHealthy(
  call: AnsweringCall,
  deps: Dependencies,
  trace: Trace,
): Promise<CallResult<AnsweredCaller>>
export async function callFirstHealthy(
  call: UpstreamCall,
  deps: Dependencies,
  trace: Trace,
): Promise<CallResult>
export async function callFirstHealthy(
  call: UpstreamCall & Partial<Pick<AnsweringCall, 'answer'>>,
  deps: Dependencies,
  trace: Trace,
): Promise<CallResult> {
  let last: Failed | undefined
  let telling: Failed | undefined
  for await (const target of call.targets) {
    if (last !== undefined && last !== telling) discard(last, deps)
    trace.provider = groupOf(target.provider)
    trace.providerKeyId = target.keyId
    const startedMs = deps.nowMs()
    let made: Attempt | undefined
    try {
      made = await attemptAt(target, call, deps, trace)
      trace.attempts.push(recordOf(made, call.signal, trace))
      if (made.kind === 'answer' && call.answer !== undefined) {
        made = await answered(made, call.answer, trace)
      }
    } catch (error) {
      if (telling !== undefined) discard(telling, deps)
      if (made !== undefined) rememberHow({ call, made, startedMs }, deps, trace)
      throw error
    }
    if (made.kind === 'failure' && made.early !== undefined) {
      trace.attempts.splice(-1, 1, recordOf(made, call.signal, trace))
    }
    rememberHow({ call, made, startedMs }, deps, trace)
    if (made.kind === 'answer') {
      if (telling !== undefined) discard(telling, deps)
      return made
    }
    last = made
    if (moreTelling(telling, made) === made) {
      if (telling !== undefined) discard(telling, deps)
      telling = made
    }
    if (call.signal.aborted) break
  }
  if (last === undefined) throw new GatewayError('internal_error', 'No target was tried.')
  return { ...last, telling: telling ?? last }
}

interface Ended {
  readonly call: UpstreamCall
  readonly made: Attempt
  readonly startedMs: number
}

/** What an attempt says of its target's health is remembered here, and told with the attempt. */
function rememberHow({ call, made, startedMs }: Ended, deps: Dependencies, trace: Trace): void {
  const { organizationId, signal } = call
  const health = noteHealth({ organizationId, made, startedMs, signal }, deps, trace)
  const last = trace.attempts.at(-1)
  if (health !== undefined && last !== undefined) trace.attempts.splice(-1, 1, { ...last, health })
}

/** An answer for the caller; or a failure, where nothing of one came and another target could do better. */
async function answered(
  made: Answered,
  answer: AnsweringCall['answer'],
  trace: Trace,
): Promise<AnsweredCaller | Failed> {
  const { target, deadlines } = made
  try {
    return { ...made, forCaller: await answer(made) }
  } catch (error) {
    deadlines?.end()
    if (!(error instanceof GatewayError) || !isUpstreams(error)) throw error
    delete trace.brokenOff
    trace.meter.startOver()
    return { kind: 'failure', target, reason: reasonOfError(error), early: error }
  }
}

/** Whether an error tells of the upstream or the key, and not of the request. */
function isUpstreams({ code, status }: GatewayError): boolean {
  if (code === 'internal_error') return false
  return status === 408 || status === 429 || status >= 500
}

const REASON_OF_CODE: Readonly<Partial<Record<ErrorCode, FailureReason>>> = {
  rate_limited: 'rate-limited',
  upstream_overloaded: 'overloaded',
  upstream_timeout: 'timed-out',
  tunnel_disconnected: 'unreachable',
}

function reasonOfError({ code, details }: GatewayError): FailureReason {
  if (code === 'rate_limited' && details.retryable === false) return 'spent'
  return REASON_OF_CODE[code] ?? 'failed'
}

/** Of two failures the one that tells more; of equals, the later. */
export function moreTelling(known: Failed | undefined, failure: Failed): Failed {
  return known === undefined || weightOf(failure) >= weightOf(known) ? failure : known
}

/** How much a failure tells of why a call failed: what is the matter with one key says less than what befell another. */
function weightOf({ reason }: Failed): number {
  if (reason === 'refused') return 0
  return reason === 'spent' ? 1 : 2
}

function recordOf(
  made: Attempt,
  signal: AbortSignal,
  { provider: group, model }: Trace,
): AttemptRecord {
  const { keyId: id, provider, endpoint } = made.target
  const place = {
    keyId: id,
    ...(model === undefined ? {} : { model: `${group}/${model}` }),
    ...(endpoint === undefined ? {} : { isEndpoint: true }),
  }
  if (made.kind === 'answer') return { ...place, outcome: String(made.response.status) }
  const { reason, response, refusal, error, early } = made
  const credential = refusal && `credential ${refusal.status}`
  const outcome =
    (error ?? early)?.code ?? (response ? String(response.status) : (credential ?? reason))
  // A caller who left broke the connection, not the key.
  if (signal.aborted) return { ...place, outcome, reason }
  const status = response?.status ?? refusal?.status ?? null
  return {
    ...place,
    outcome,
    reason,
    fault: { status, message: error?.message ?? `${provider.name} ${DEEDS[reason]}.` },
  }
}

/** What an upstream did that failed, in words that follow its name. */
export const DEEDS = {
  refused: 'refused the key',
  'rate-limited': 'limits the rate of requests',
  overloaded: 'is overloaded',
  spent: 'lets the account spend no more',
  failed: 'failed',
  unreachable: 'could not be reached',
  redirected: 'answered with a redirect, which is never followed',
  'timed-out': 'did not answer in time',
} as const satisfies Record<FailureReason, string>

/** Lets go of an answer that nobody will read, so that its connection is freed. */
export function discard({ response }: Failed, deps: Pick<Dependencies, 'waitUntil'>): void {
  if (response !== undefined && response.body !== null && !response.bodyUsed) {
    deps.waitUntil(response.body.cancel().catch(() => undefined))
  }
}
