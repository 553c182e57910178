import { LEASE_MS, WINDOW_MS } from './key-limits.ts'

/**
 * The lender's book of one budget per minute, as JSON can say it. What was lent counts from the moment of lending until a
 * minute after the lease's last; once the isolate has told what it spent of it and when, that much counts until a minute
 * after its last spending, and the rest no longer. So whatever is spent counts at least from then on for a minute, and in
 * no 60 seconds more is spent than the limit. Pure: the clock is an argument.
 */
export interface WindowLedger {
  entries: readonly Entry[]
}

interface Entry {
  /** Of the lease; null for what has been told. */
  readonly id: string | null
  readonly units: number
  /** From then on it does not count. */
  readonly untilMs: number
}

export const newWindowLedger = (): WindowLedger => ({ entries: [] })

/** What was spent is kept together where it ends within so many milliseconds, rounded up. */
const GRAIN_MS = 250

/** What is not in use; below 0 where more was spent than there is. */
export function leftIn(ledger: WindowLedger, limit: number, nowMs: number): number {
  ledger.entries = ledger.entries.filter(({ untilMs }) => untilMs > nowMs)
  return ledger.entries.reduce((left, { units }) => left - units, limit)
}

/** Lends units, which may be spent during the next `LEASE_MS`. */
export function lendFrom(ledger: WindowLedger, id: string, units: number, nowMs: number): void {
  if (units <= 0) return
  const untilMs = nowMs + LEASE_MS + WINDOW_MS
  ledger.entries = [...ledger.entries, { id, units, untilMs }]
}

/** Takes over what was spent of a lease. A lease that is not known any more counts for nothing. */
export function settleLease(
  ledger: WindowLedger,
  { leaseId, spent, lastSpentAgoMs }: { leaseId: string; spent: number; lastSpentAgoMs: number },
  nowMs: number,
): void {
  const lease = ledger.entries.find(({ id }) => id === leaseId)
  if (lease === undefined) return
  ledger.entries = ledger.entries.filter((entry) => entry !== lease)
  // It was spent no later than this long ago, however long the word of it was on its way.
  const untilMs = Math.min(lease.untilMs, nowMs - lastSpentAgoMs + WINDOW_MS)
  addSpent(ledger, spent, untilMs)
}

/** Takes over what was spent without a lease, whether there is room for it or not. */
export function oweTo(ledger: WindowLedger, units: number, nowMs: number): void {
  addSpent(ledger, units, nowMs + WINDOW_MS)
}

/** How long it takes until so many units are free, at most a minute. */
export function waitForMs(
  ledger: WindowLedger,
  { limit, need }: { limit: number; need: number },
  nowMs: number,
): number {
  let left = leftIn(ledger, limit, nowMs)
  const byEnd = ledger.entries.toSorted((one, other) => one.untilMs - other.untilMs)
  for (const { units, untilMs } of byEnd) {
    left += units
    if (left >= need) return Math.min(untilMs - nowMs, WINDOW_MS)
  }
  return WINDOW_MS
}

function addSpent(ledger: WindowLedger, units: number, endMs: number): void {
  if (units <= 0) return
  const untilMs = Math.ceil(endMs / GRAIN_MS) * GRAIN_MS
  const others = ledger.entries.filter((entry) => entry.id !== null || entry.untilMs !== untilMs)
  const same = ledger.entries.find((entry) => entry.id === null && entry.untilMs === untilMs)
  ledger.entries = [...others, { id: null, units: units + (same?.units ?? 0), untilMs }]
}
