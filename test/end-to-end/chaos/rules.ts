import type { Fault } from '../../upstreams/stand-ins.ts'

/** What happens to a call whose upstream fails in some way: what we promise, in none of the gateway's own terms. */
export type Rule =
  /** The next place is asked; where there is none, the caller gets this error. */
  | {
      readonly does: 'gives way'
      /** How the attempt is called in `x-keyway-attempts`. */
      readonly outcome: string
      readonly status: number
      readonly code: string
      readonly retryAfter?: string
      /** The error's own code is the provider's, and none of ours. */
      readonly isInProvidersWords?: true
    }
  /** It is the request that is wrong: nobody else is asked, and the provider's status is kept. */
  | { readonly does: 'declines'; readonly status: number; readonly code: string }
  /** The caller has the beginning of an answer already, and gets the rest as an error in the stream. */
  | { readonly does: 'breaks'; readonly code: string }
  /** The native surface hands on what it got, as it came. */
  | {
      readonly does: 'passes'
      readonly end: 'clean' | 'error' | 'broken'
      readonly recorded: string
    }

/** One way in which an upstream fails. */
export interface Mode {
  readonly name: string
  readonly fault: Fault | 'no connection'
  readonly universal: Rule
  readonly native: Rule
  /** Where it is seen in streams or in whole answers only. */
  readonly asked?: 'stream' | 'whole'
  /** Where it is seen on one of them only. */
  readonly surfaces?: 'universal'
  /** Where it is seen only if another key or target is behind the one that fails. */
  readonly isFirst?: true
  /** It never ends by itself: a deadline must end it, and a route holds that. */
  readonly isSlow?: true
  /** What the same can come to, when the connection is gone before the runtime has told of the answer's headers. */
  readonly unseen?: Rule
}

/** What is said in place of an answer, by status, as docs/api.md has it. */
const STATUS: Readonly<Record<string, number>> = {
  upstream_rejected_key: 403,
  rate_limited: 429,
  upstream_error: 502,
  upstream_unreachable: 502,
  upstream_redirect: 502,
  upstream_overloaded: 503,
  upstream_timeout: 504,
}

/** Another place is asked; where there is none, this is the error. */
export const givesWay = (outcome: string, code: string, more: object = {}): Rule => ({
  does: 'gives way',
  outcome,
  status: STATUS[code] ?? 0,
  code,
  ...more,
})

/** It is the native caller who sees it, and only there: neither bytes nor their end are touched. */
export const asItCame: Rule = { does: 'passes', end: 'clean', recorded: 'ok' }
/** The provider's own error event, which nobody looked for. */
export const itsOwnError: Rule = { ...asItCame, end: 'error' }
/** We add an error in the provider's dialect. */
export const addsError: Rule = { does: 'passes', end: 'error', recorded: 'upstream_error' }
/** A length that is not kept to is seen by every client. */
export const tooShort: Rule = { ...asItCame, end: 'broken' }

type More = Partial<Pick<Mode, 'asked' | 'surfaces' | 'isFirst' | 'native' | 'unseen'>>

interface AnswerMore {
  readonly retryAfter?: string
  /** Where the status is kept. */
  readonly status?: number
  readonly isInProvidersWords?: true
  readonly isFirst?: true
}

/** An answer with a status that says no; natively the last one of them is handed on, with the provider's words. */
export function answers(
  [status, code]: readonly [number, string],
  name: string,
  fault: Fault,
  { isFirst, ...more }: AnswerMore = {},
): Mode {
  const universal = givesWay(String(status), code, more)
  const native = givesWay(String(status), code, { status })
  return { name, fault, universal, native, ...(isFirst && { isFirst }) }
}

/** The request is wrong. */
export function declines(
  [status, code]: readonly [number, string],
  name: string,
  fault: Fault,
): Mode {
  const rule: Rule = { does: 'declines', status, code }
  return { name, fault, universal: rule, native: rule }
}

/** Nothing that is an answer came. */
export function isGone(name: string, fault: Mode['fault']): Mode {
  const rule = givesWay('unreachable', 'upstream_unreachable')
  return { name, fault, universal: rule, native: rule }
}

/** It begins well and comes to nothing before anything was said. */
export function comesToNothing(
  name: string,
  fault: Fault,
  { code = 'upstream_error', ...more }: More & { code?: string } = {},
): Mode {
  // What a provider says in an event or a body is told by its own word.
  const isItsWord = fault.kind === 'error-event' ? { isInProvidersWords: true } : {}
  return { name, fault, universal: givesWay(code, code, isItsWord), native: asItCame, ...more }
}

/** It falls silent, and never says that it is over. */
export const stalls = (mode: Mode): Mode => ({ ...mode, surfaces: 'universal', isSlow: true })

/** The beginning of its stream is with the caller already. */
export function breaksOff(
  name: string,
  fault: Fault,
  { code = 'upstream_error', native }: { code?: string; native: Rule },
): Mode {
  return { name, fault, asked: 'stream', universal: { does: 'breaks', code }, native }
}

/** Whoever is cut off at once may be heard to say nothing at all. */
export const unseen: Rule = givesWay('unreachable', 'upstream_unreachable')
