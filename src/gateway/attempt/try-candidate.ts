import { GatewayError } from '../../core/errors.ts'
import type { Candidate } from '../call/find-candidates.ts'
import type { OpenedCall } from '../call/opened-call.ts'
import type { Trace } from '../record/trace.ts'
import type { Failed } from './outcome.ts'

/** Sends a call to a candidate. Throws what keeps it from being sent, and what is for the caller. */
export type Serve = (opened: OpenedCall, trace: Trace) => Promise<Response | Failed>

/** A candidate to which nothing was sent, and why. */
export interface Refusal {
  readonly kind: 'refusal'
  readonly name: string
  readonly error: GatewayError
}

/** How a candidate failed at all of its places. */
export interface Failure {
  readonly kind: 'failure'
  readonly opened: OpenedCall
  readonly telling: Failed
}

export type CandidateOutcome =
  | { readonly kind: 'answer'; readonly response: Response }
  | Failure
  | Refusal

/** What a candidate comes to. Throws what is thrown once something was sent: that is for the caller. */
export async function tryCandidate(
  { name, open }: Candidate,
  serve: Serve,
  { trace, signal }: { readonly trace: Trace; readonly signal: AbortSignal },
): Promise<CandidateOutcome> {
  const sentBefore = sentCount(trace)
  try {
    const opened = open(trace, signal)
    const made = await serve(opened, trace)
    if (made instanceof Response) return { kind: 'answer', response: made }
    return { kind: 'failure', opened, telling: made }
  } catch (error) {
    const isRefusal = error instanceof GatewayError && sentCount(trace) === sentBefore
    if (isRefusal) return { kind: 'refusal', name, error }
    throw error
  }
}

/** Attempts for which something was sent, or was to be. */
function sentCount({ attempts }: Trace): number {
  return attempts.filter(({ reason }) => reason !== 'misconfigured').length
}
