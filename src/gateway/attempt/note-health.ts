import type { Probe } from '../../core/circuit-board.ts'
import type { Backoff, CircuitFailure, Opening } from '../../core/circuit.ts'
import type { HealthNews } from '../../storage/use/key-health.ts'
import type { Dependencies } from '../dependencies.ts'
import { type FailureReason, isCounting, type Trace } from '../record/trace.ts'
import { circuitsOf, type TargetCircuits } from '../target/target-circuits.ts'
import type { Target } from '../target/target.ts'
import type { Attempt, Failed } from './outcome.ts'

/** One attempt, when it is known how it ended. */
export interface EndedAttempt {
  readonly organizationId: string
  readonly made: Attempt
  readonly startedMs: number
  /** What `takeProbe` took for it. */
  readonly probes: readonly Probe[] | undefined
  /** The caller's departure. */
  readonly signal: AbortSignal
}

/**
 * Takes the probes that are to be had of a target that is half-open, for the request that is about to be sent to it: only
 * what is sent shows how it is, and `noteHealth` gives them back.
 */
export function takeProbe(
  sending: { readonly organizationId: string; readonly target: Target },
  { circuits, nowMs }: Pick<Dependencies, 'circuits' | 'nowMs'>,
  trace: Trace,
): readonly Probe[] | undefined {
  if (!circuits.knows(sending.organizationId)) return undefined
  const known = circuitsAt(sending, trace)
  if (known === undefined) return undefined
  return [known.credential, known.target].flatMap(
    (circuit) => circuits.probe(circuit, nowMs()) ?? [],
  )
}

/**
 * Remembers how an attempt went, for those that come after it: an answer is one, though it may say that the request is
 * wrong. A caller who left tells nothing of the target. Gives what there is to tell of the key's health.
 */
export function noteHealth(
  { organizationId, made, startedMs, probes, signal }: EndedAttempt,
  deps: Pick<Dependencies, 'circuits' | 'nowMs' | 'random'>,
  trace: Trace,
): HealthNews | undefined {
  const isGood = made.kind === 'answer'
  if (isGood && !deps.circuits.knows(organizationId)) return undefined
  const circuits = circuitsAt({ organizationId, target: made.target }, trace)
  if (circuits === undefined) return undefined
  const { model } = made.target
  const both = [circuits.credential, circuits.target]
  const times = { startedMs, nowMs: deps.nowMs() }
  if (isGood) {
    const [credential, target] = both.map((one) => deps.circuits.succeed(one, times))
    if (credential === true) return { kind: 'recovered', model: null }
    return target === true ? { kind: 'recovered', model: model ?? null } : undefined
  }
  const failure = signal.aborted ? undefined : failureOf(made)
  // What failed otherwise than was feared does not tell whether that is over.
  for (const probe of probes ?? []) deps.circuits.leave(probe)
  if (failure === undefined) return undefined
  const failed = failure.isOfCredential ? circuits.credential : circuits.target
  const opening = deps.circuits.fail(failed, failure, times, deps.random)
  return opening && troubled(opening, failure.isOfCredential ? null : (model ?? null))
}

/** Undefined for a target that is only tried out. */
function circuitsAt(
  {
    organizationId,
    target: { record, model, site },
  }: { readonly organizationId: string; readonly target: Target },
  trace: Trace,
): TargetCircuits | undefined {
  if (record === undefined) return undefined
  const { location } = site
  return circuitsOf({ organizationId, record, location, model, isCounting: isCounting(trace) })
}

function troubled({ kind, reason, sinceMs, untilMs }: Opening, model: string | null): HealthNews {
  const [since = '', until = ''] = [sinceMs, untilMs].map((ms) => new Date(ms).toISOString())
  const health = { state: kind, reason: reason.replaceAll('-', '_'), model, since, until }
  return { kind: 'troubled', health }
}

/** What passes by itself. */
const SHORT: Backoff = { baseMs: 5_000, maxMs: 60_000 }
/** What somebody has to mend. */
const LONG: Backoff = { baseMs: 60_000, maxMs: 600_000 }

type Policy = Pick<CircuitFailure, 'kind' | 'opensAtOnce' | 'backoff'> & {
  /** It is the matter of the credential, whatever model is asked for. */
  readonly isOfCredential: boolean
}

const LIMIT: Policy = {
  kind: 'cooling_down',
  opensAtOnce: true,
  backoff: SHORT,
  isOfCredential: false,
}
const REFUSAL: Policy = { kind: 'open', opensAtOnce: true, backoff: LONG, isOfCredential: true }
const FAILURE: Policy = { kind: 'open', opensAtOnce: false, backoff: SHORT, isOfCredential: false }

const POLICIES: Readonly<Record<FailureReason, Policy>> = {
  refused: REFUSAL,
  spent: REFUSAL,
  'rate-limited': LIMIT,
  overloaded: LIMIT,
  failed: FAILURE,
  unreachable: FAILURE,
  redirected: FAILURE,
  'timed-out': FAILURE,
}

/** Undefined for what is the caller's own matter. */
function failureOf(made: Failed): (CircuitFailure & Pick<Policy, 'isOfCredential'>) | undefined {
  const { reason, response, refusal, target } = made
  const askedMs = askedMsOf(made)
  const policy = policyOf(made, askedMs)
  if (isCallersMatter(target, policy)) return undefined
  // A 403 can mean one model. What could not even be minted is of the credential.
  const isOfCredential =
    refusal !== undefined || (policy.isOfCredential && response?.status !== 403)
  return { ...policy, reason, askedMs, isOfCredential }
}

function policyOf({ reason, response, error }: Failed, askedMs: number | undefined): Policy {
  const policy = POLICIES[reason]
  if (policy !== FAILURE) return policy
  const isBusy = askedMs !== undefined || response?.status === 529 || error?.status === 429
  return isBusy ? LIMIT : policy
}

function askedMsOf({ retryAfterMs, early, error }: Failed): number | undefined {
  if (retryAfterMs !== undefined) return retryAfterMs
  // What stands before a private model names usual times, but for a limit nobody counts on them.
  const told = early ?? (error?.status === 429 ? error : undefined)
  const seconds = told?.details.retryAfterSeconds
  return seconds === undefined ? undefined : seconds * 1000
}

/** What becomes of a credential that callers bring says nothing of another caller's. */
function isCallersMatter({ isCallers = false }: Target, policy: Policy): boolean {
  return isCallers && policy !== FAILURE
}
