import type { GatewayError } from '../../core/errors.ts'
import type { Deadlines } from '../../streams/deadlines.ts'
import type { CredentialRefused, OutgoingHeaders } from '../../upstream-auth/upstream-auth.ts'
import type { Dependencies } from '../dependencies.ts'
import type { FailureReason } from '../record/trace.ts'
import type { Target } from '../target/target.ts'
import type { Expected } from './patience.ts'

/** So many keys of a target are tried for a call: each costs time, and one of the subrequests that the platform grants. */
export const MAX_KEYS = 16

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
  /** As many keys were tried as may be for one call, and there are others. */
  readonly hasMoreKeys?: boolean
}

/** Whether only keys were found wanting, and others were not asked: the same call can go well with those. */
export function leavesKeys({ reason, hasMoreKeys = false }: Failed): boolean {
  return hasMoreKeys && (reason === 'refused' || reason === 'spent')
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

export type FailedCall = Extract<CallResult, { readonly kind: 'failure' }>

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
