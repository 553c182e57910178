import { LEASE_MS } from './key-limits.ts'

/**
 * What an isolate has of one budget per minute: the leases that it may spend, and what it still has to tell of them.
 * Pure: the clock is an argument, and need not be the lender's.
 */
export interface WindowPurse {
  /** What can still be spent at that time. */
  left(atMs: number): number
  /** Spends so many units, or none where there are not enough. */
  spend(units: number, nowMs: number): boolean
  /** Spends what was used already: from the leases as far as they go, and the rest is owed. */
  spendAnyway(units: number, nowMs: number): void
  /** About how much is spent in the time of a lease, by the last one or two of them. */
  recentUse(nowMs: number): number
  /** In how many spendings that was. */
  recentTimes(nowMs: number): number
  /** Takes over a lease that was asked for at that time, which its end is reckoned from. */
  add(id: string, units: number, askedMs: number): void
  /** Takes out what is to be told of leases that are over. */
  takeSettled(nowMs: number): readonly SpentLease[]
  /** Takes out what is owed. */
  takeOwed(): number
  readonly owed: number
  /** Whether there are leases that will be over. */
  readonly hasLeases: boolean
}

export interface SpentLease {
  readonly leaseId: string
  readonly spent: number
  readonly lastSpentAgoMs: number
}

interface Lease {
  readonly id: string
  readonly units: number
  readonly untilMs: number
  spent: number
  lastSpentMs: number
}

export function newWindowPurse(): WindowPurse {
  let leases: readonly Lease[] = []
  let owed = 0
  const use = useCounter()

  const left = (atMs: number): number => {
    let units = 0
    for (const lease of leases) if (lease.untilMs > atMs) units += lease.units - lease.spent
    return units
  }

  /** The leases that end first go first: they were added first. */
  const takeFromLeases = (units: number, nowMs: number): number => {
    let missing = units
    for (const lease of leases) {
      if (missing === 0) break
      const part = lease.untilMs > nowMs ? Math.min(missing, lease.units - lease.spent) : 0
      if (part === 0) continue
      lease.spent += part
      lease.lastSpentMs = nowMs
      missing -= part
    }
    use.add(units, nowMs)
    return missing
  }

  return {
    left,
    spend(units, nowMs) {
      if (left(nowMs) < units) return false
      takeFromLeases(units, nowMs)
      return true
    },
    spendAnyway(units, nowMs) {
      owed += takeFromLeases(units, nowMs)
    },
    recentUse: (nowMs) => use.recent(nowMs).units,
    recentTimes: (nowMs) => use.recent(nowMs).times,
    add(id, units, askedMs) {
      const lease = { id, units, untilMs: askedMs + LEASE_MS, spent: 0, lastSpentMs: askedMs }
      leases = [...leases, lease]
    },
    takeSettled(nowMs) {
      const isOver = ({ untilMs, units, spent }: Lease): boolean =>
        untilMs <= nowMs || spent === units
      const over = leases.filter(isOver)
      if (over.length === 0) return []
      leases = leases.filter((lease) => !isOver(lease))
      return over.map(({ id: leaseId, spent, lastSpentMs }) => ({
        leaseId,
        spent,
        lastSpentAgoMs: Math.max(0, nowMs - lastSpentMs),
      }))
    },
    takeOwed() {
      const taken = owed
      owed = 0
      return taken
    },
    get owed() {
      return owed
    },
    get hasLeases() {
      return leases.length > 0
    },
  }
}

/** Counts use in periods as long as a lease: the present one, and the one before. */
function useCounter() {
  const NONE = { units: 0, times: 0 }
  let startMs = -Infinity
  let present = NONE
  let before = NONE
  const roll = (nowMs: number): void => {
    if (nowMs - startMs < LEASE_MS) return
    before = nowMs - startMs < 2 * LEASE_MS ? present : NONE
    present = NONE
    startMs = nowMs
  }
  return {
    add(units: number, nowMs: number): void {
      roll(nowMs)
      present = { units: present.units + units, times: present.times + 1 }
    },
    recent(nowMs: number): { readonly units: number; readonly times: number } {
      roll(nowMs)
      return present.units > before.units ? present : before
    },
  }
}
