/** What one API key may use; what is not named is not limited. As it is stored, and as callers of management write it. */
export interface KeyLimits {
  readonly requests_per_minute?: number
  /** Input and output together. */
  readonly tokens_per_minute?: number
  /** In flight at the same time; a stream until its end. */
  readonly concurrent_requests?: number
}

export type LimitName = keyof KeyLimits

/** Those that are a budget for each minute. */
export const MINUTE_LIMITS = ['requests_per_minute', 'tokens_per_minute'] as const

/** All of them, in the order in which they are told. */
export const LIMIT_NAMES: readonly LimitName[] = [...MINUTE_LIMITS, 'concurrent_requests']

/** How much of each; a limit that is not named is not asked for, or not there. */
export type Amounts = { readonly [Name in LimitName]?: number }

/** How long what was spent counts against a limit per minute. */
export const WINDOW_MS = 60_000

/** How long a share of a minute's budget may be spent by the isolate that has it. */
export const LEASE_MS = 10_000

/** How long a place in flight is held for an isolate from which nothing is heard. */
export const SLOT_LEASE_MS = 30_000

/** How far apart an isolate says that its requests are still in flight. */
export const RENEW_MS = 10_000
