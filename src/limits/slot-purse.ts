import { RENEW_MS, SLOT_LEASE_MS } from './key-limits.ts'
import type { Holding } from './terms.ts'

/**
 * The places in flight that an isolate has, and the requests that hold them. Pure: the clock is an argument.
 */
export interface SlotPurse {
  /** A place for one request; undefined where none is free. */
  take(nowMs: number): Hold | undefined
  /** The request has ended. Once is enough, more do no harm. */
  release(hold: Hold): void
  /** Whether the request has its place still. */
  isHeld(hold: Hold): boolean
  /** The request is still there. One that is not heard of loses its place: whoever carried it may be gone. */
  beat(hold: Hold, nowMs: number): void
  /** Takes over a lease that was asked for at that time. */
  add(id: string, places: number, askedMs: number): void
  /** What to tell of the leases, which thereby last longer; free places are kept only where told so. */
  takeHeld(nowMs: number, keepsFree: boolean): readonly Holding[]
  /** Whether requests hold leases that ought to be told of. */
  isRenewalDue(nowMs: number): boolean
  /** Whether there are places that no request holds. */
  readonly hasFree: boolean
}

/** A request's place. */
export interface Hold {
  readonly lease: SlotLease
  aliveMs: number
}

interface SlotLease {
  readonly id: string
  places: number
  untilMs: number
  readonly holds: Set<Hold>
}

export function newSlotPurse(): SlotPurse {
  let leases: readonly SlotLease[] = []

  return {
    take(nowMs) {
      const lease = leases.find(
        ({ places, untilMs, holds }) => untilMs > nowMs && holds.size < places,
      )
      if (lease === undefined) return undefined
      const hold = { lease, aliveMs: nowMs }
      lease.holds.add(hold)
      return hold
    },
    release: (hold) => void hold.lease.holds.delete(hold),
    isHeld: (hold) => hold.lease.holds.has(hold),
    beat(hold, nowMs) {
      hold.aliveMs = nowMs
    },
    add(id, places, askedMs) {
      leases = [...leases, { id, places, untilMs: askedMs + SLOT_LEASE_MS, holds: new Set() }]
    },
    takeHeld(nowMs, keepsFree) {
      const told = leases.map((lease) => {
        for (const hold of lease.holds) {
          if (nowMs - hold.aliveMs >= SLOT_LEASE_MS) lease.holds.delete(hold)
        }
        // What it has free of a lease that is over may be another's by now.
        const isFreeKept = keepsFree && lease.untilMs > nowMs
        lease.places = isFreeKept ? lease.places : lease.holds.size
        lease.untilMs = nowMs + SLOT_LEASE_MS
        return { leaseId: lease.id, places: lease.places }
      })
      leases = leases.filter(({ places }) => places > 0)
      return told
    },
    isRenewalDue: (nowMs) =>
      leases.some(
        ({ untilMs, holds }) => holds.size > 0 && untilMs - nowMs <= SLOT_LEASE_MS - RENEW_MS,
      ),
    get hasFree() {
      return leases.some(({ places, holds }) => holds.size < places)
    },
  }
}
