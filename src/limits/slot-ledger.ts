import { SLOT_LEASE_MS } from './key-limits.ts'

/**
 * The lender's book of places in flight, as JSON can say it. A lease lasts as long as its isolate says so: one from which
 * nothing is heard for `SLOT_LEASE_MS` is over. Pure: the clock is an argument.
 */
export interface SlotLedger {
  leases: readonly SlotLease[]
}

interface SlotLease {
  readonly id: string
  readonly places: number
  readonly untilMs: number
}

export const newSlotLedger = (): SlotLedger => ({ leases: [] })

export function placesLeft(ledger: SlotLedger, limit: number, nowMs: number): number {
  ledger.leases = ledger.leases.filter(({ untilMs }) => untilMs > nowMs)
  return ledger.leases.reduce((left, { places }) => left - places, limit)
}

export function lendPlaces(ledger: SlotLedger, id: string, places: number, nowMs: number): void {
  if (places <= 0) return
  ledger.leases = [...ledger.leases, { id, places, untilMs: nowMs + SLOT_LEASE_MS }]
}

/**
 * Takes over how many places of a lease are still held, which only ever become fewer. A lease that is not known is one
 * that nothing was heard of for too long, or that an isolate gave itself while nobody could be asked: its requests are in
 * flight, so they count, whether there is room for them or not.
 */
export function holdPlaces(
  ledger: SlotLedger,
  { leaseId, places }: { leaseId: string; places: number },
  nowMs: number,
): void {
  const known = ledger.leases.find(({ id }) => id === leaseId)
  ledger.leases = ledger.leases.filter((lease) => lease !== known)
  lendPlaces(ledger, leaseId, Math.min(places, known?.places ?? places), nowMs)
}
