import type { Amounts, KeyLimits, LimitName } from './key-limits.ts'

/** What isolates and the organization's record say to each other about one API key's limits. */

/** What an isolate asks for, and what it has to tell. Times are told as ages: nobody's clock is another's. */
export interface Ask {
  /** Names the lease, if there comes one of it. */
  readonly leaseId: string
  /** What one request needs of each limit: all of it is lent, or nothing is. Empty where the isolate only tells. */
  readonly need: Amounts
  /** What would be of use, at least what is needed. */
  readonly want: Amounts
  /** Leases of budgets that are over. */
  readonly settled: readonly Settlement[]
  /** What was spent beyond all leases, since a request turned out larger than it had seemed. */
  readonly owed: Amounts
  /** Leases of places in flight, and how many of them are still held; none gives the lease back. */
  readonly held: readonly Holding[]
}

export interface Settlement {
  readonly limit: LimitName
  readonly leaseId: string
  readonly spent: number
  readonly lastSpentAgoMs: number
}

export interface Holding {
  readonly leaseId: string
  readonly places: number
}

/** What the record answers. */
export interface Terms {
  /** The limits as they are now. */
  readonly limits: KeyLimits
  /** Why nothing is lent. */
  readonly refusal: Refusal | null
  /** What is lent of each limit that was asked for. */
  readonly granted: Amounts
  /** What is left to be lent of each limit that there is; below 0 where more was spent than there is. */
  readonly left: Amounts
}

export interface Refusal {
  readonly limit: LimitName
  /** When there will be enough again, as far as is known. */
  readonly retryAfterMs: number
}
