import type { Probe } from '../../core/circuit-board.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { groupOf } from '../../providers/provider.ts'
import type { Dependencies } from '../dependencies.ts'
import type { AttemptRecord, FailureReason, Trace } from '../record/trace.ts'
import { attemptAt } from './attempt.ts'
import { noteHealth, takeProbe } from './note-health.ts'
import {
  type Answered,
  type AnsweredCaller,
  type AnsweringCall,
  type Attempt,
  type CallResult,
  DEEDS,
  discard,
  type Failed,
  type FailedCall,
  leavesKeys,
  MAX_KEYS,
  type UpstreamCall,
} from './outcome.ts'

/** The failure to tell the caller of; what the last attempt brought is let go of where that is another. */
export function takeTelling(failed: FailedCall, deps: Pick<Dependencies, 'waitUntil'>): Failed {
  if (failed.response !== failed.telling.response) discard(failed, deps)
  return failed.telling
}

/**
 * Tries targets in order until one gives an answer, or the first byte of the caller's. Refused keys, spent accounts, rate
 * limits, upstream failures and broken connections give way to the next target; what is the matter with the request
 * itself does not. After 16 it is enough.
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
  let tried = 0
  let hasMoreKeys = false
  for await (const target of call.targets) {
    if (tried === MAX_KEYS) {
      hasMoreKeys = true
      break
    }
    if (last !== undefined && last !== telling) discard(last, deps)
    trace.provider = groupOf(target.provider)
    trace.providerKeyId = target.keyId
    const startedMs = deps.nowMs()
    let made: Attempt | undefined
    let probes: readonly Probe[] | undefined
    try {
      const request = await call.prepare(target)
      probes = takeProbe({ organizationId: call.organizationId, target }, deps, trace)
      made = await attemptAt({ target, request }, call, deps, trace)
      trace.attempts.push(recordOf(made, call.signal, trace))
      if (made.kind === 'answer' && call.answer !== undefined) {
        made = await answered(made, call.answer, trace)
      }
    } catch (error) {
      if (telling !== undefined) discard(telling, deps)
      if (made !== undefined) rememberHow({ call, made, startedMs, probes }, deps, trace)
      throw error
    }
    if (made.kind === 'failure' && made.early !== undefined) {
      trace.attempts.splice(-1, 1, recordOf(made, call.signal, trace))
    }
    rememberHow({ call, made, startedMs, probes }, deps, trace)
    if (made.kind === 'answer') {
      if (telling !== undefined) discard(telling, deps)
      return made
    }
    last = made
    if (moreTelling(telling, made) === made) {
      if (telling !== undefined) discard(telling, deps)
      telling = made
    }
    tried += 1
    if (call.signal.aborted) break
  }
  if (last === undefined) throw new GatewayError('internal_error', 'No target was tried.')
  return { ...last, telling: { ...(telling ?? last), hasMoreKeys } }
}

interface Ended {
  readonly call: UpstreamCall
  readonly made: Attempt
  readonly startedMs: number
  readonly probes: readonly Probe[] | undefined
}

/** What an attempt says of its target's health is remembered here, and told with the attempt. */
function rememberHow(
  { call, made, startedMs, probes }: Ended,
  deps: Dependencies,
  trace: Trace,
): void {
  const { organizationId, signal } = call
  const health = noteHealth({ organizationId, made, startedMs, probes, signal }, deps, trace)
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
function weightOf(failure: Failed): number {
  if (leavesKeys(failure)) return 2
  if (failure.reason === 'refused') return 0
  return failure.reason === 'spent' ? 1 : 3
}

function recordOf(
  made: Attempt,
  signal: AbortSignal,
  { provider: group, model }: Trace,
): AttemptRecord {
  const { keyId: id, provider, endpoint, record } = made.target
  const place = {
    keyId: id,
    ...(record === undefined ? {} : { record }),
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
