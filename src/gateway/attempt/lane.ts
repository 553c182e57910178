import type { Candidate } from '../call/find-candidates.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Trace } from '../record/trace.ts'
import { abortedBy } from './departure.ts'
import { type Fork, forkTrace } from './fork-trace.ts'
import { discard } from './outcome.ts'
import { type CandidateOutcome, type Serve, tryCandidate } from './try-candidate.ts'

/** One of several candidates that are under way at once. */
export interface Lane {
  readonly fork: Fork
  /** What the candidate came to; never rejects. */
  readonly settled: Promise<LaneEnd>
  /** Its upstream is let go of. */
  readonly abort: () => void
}

export interface LaneEnd {
  readonly lane: Lane
  readonly outcome: CandidateOutcome | { readonly kind: 'thrown'; readonly error: unknown }
}

/** Sets out with a candidate. `signal` is the caller's departure, which ends all lanes. */
export function startLane(
  candidate: Candidate,
  { serve, signal }: { readonly serve: Serve; readonly signal: AbortSignal },
  trace: Trace,
): Lane {
  const controller = abortedBy(signal)
  const fork = forkTrace(trace)
  const way = { trace: fork.trace, signal: controller.signal }
  const settled = tryCandidate(candidate, serve, way).then(
    (outcome) => ({ lane, outcome }),
    (error: unknown) => ({ lane, outcome: { kind: 'thrown', error } as const }),
  )
  const lane: Lane = { fork, settled, abort: () => controller.abort() }
  fork.announce()
  return lane
}

/** Gives a lane up that another was faster than: nothing that comes of it is said of the request, or kept. */
export function leaveLane(
  { fork, abort, settled }: Lane,
  deps: Pick<Dependencies, 'waitUntil'>,
): void {
  fork.cancel()
  abort()
  deps.waitUntil(settled.then(({ outcome }) => letGo(outcome, deps)))
}

async function letGo(
  outcome: LaneEnd['outcome'],
  deps: Pick<Dependencies, 'waitUntil'>,
): Promise<void> {
  if (outcome.kind === 'failure') discard(outcome.telling, deps)
  if (outcome.kind === 'answer') await outcome.response.body?.cancel().catch(() => undefined)
}
