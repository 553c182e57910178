import { type KeyLimits, LIMIT_NAMES, type LimitName, MINUTE_LIMITS } from './key-limits.ts'
import {
  holdPlaces,
  lendPlaces,
  newSlotLedger,
  placesLeft,
  type SlotLedger,
} from './slot-ledger.ts'
import type { Ask, Refusal, Terms } from './terms.ts'
import {
  leftIn,
  lendFrom,
  newWindowLedger,
  oweTo,
  settleLease,
  waitForMs,
  type WindowLedger,
} from './window-ledger.ts'

/** The lender's book of one API key. It changes in place, and can be kept as JSON. */
export interface KeyLedger {
  readonly requests_per_minute: WindowLedger
  readonly tokens_per_minute: WindowLedger
  readonly concurrent_requests: SlotLedger
}

export const newKeyLedger = (): KeyLedger => ({
  requests_per_minute: newWindowLedger(),
  tokens_per_minute: newWindowLedger(),
  concurrent_requests: newSlotLedger(),
})

/** Beyond what is needed, one isolate gets at most this part of what is left: others ask as well. */
const LARGEST_PART = 1 / 4

/** Nobody can say when a request in flight will end. */
const PLACE_WAIT_MS = 1_000

/** Takes over what an isolate tells, and lends what it asks for: of each limit what it needs at least, or nothing of any. */
export function lend(ledger: KeyLedger, limits: KeyLimits, ask: Ask, nowMs: number): Terms {
  takeOver(ledger, ask, nowMs)
  const refusal = refusalOf(ledger, limits, ask, nowMs)
  const granted: Record<string, number> = {}
  const left: Record<string, number> = {}
  for (const name of LIMIT_NAMES) {
    const limit = limits[name]
    const need = neededOf(ask, name, limit)
    const want = ask.want[name] ?? 0
    if (limit === undefined) {
      if (want > 0 && refusal === null) granted[name] = want
      continue
    }
    const before = leftOf(ledger, name, limit, nowMs)
    const spare = Math.floor(Math.max(0, before - need) * LARGEST_PART)
    const units =
      refusal === null && want > 0 ? need + Math.min(Math.max(0, want - need), spare) : 0
    if (units > 0) {
      granted[name] = units
      if (name === 'concurrent_requests') lendPlaces(ledger[name], ask.leaseId, units, nowMs)
      else lendFrom(ledger[name], ask.leaseId, units, nowMs)
    }
    left[name] = before - units
  }
  return { limits, refusal, granted, left }
}

/** Whether a book that is lost with this would later lend what is in use: what is only given back need not be kept. */
export function addsToUse({ owed, held }: Ask, { granted }: Terms): boolean {
  const units = [...Object.values(granted), ...Object.values(owed)]
  return units.some((amount) => amount > 0) || held.some(({ places }) => places > 0)
}

function takeOver(ledger: KeyLedger, { settled, owed, held }: Ask, nowMs: number): void {
  for (const { limit, ...settlement } of settled) {
    if (limit !== 'concurrent_requests') settleLease(ledger[limit], settlement, nowMs)
  }
  for (const name of MINUTE_LIMITS) oweTo(ledger[name], owed[name] ?? 0, nowMs)
  for (const holding of held) holdPlaces(ledger.concurrent_requests, holding, nowMs)
}

/** The limit that is in the way for longest. */
function refusalOf(ledger: KeyLedger, limits: KeyLimits, ask: Ask, nowMs: number): Refusal | null {
  let refusal: Refusal | null = null
  for (const name of LIMIT_NAMES) {
    const limit = limits[name]
    if (limit === undefined) continue
    const need = neededOf(ask, name, limit)
    if (need === 0 || leftOf(ledger, name, limit, nowMs) >= need) continue
    const retryAfterMs =
      name === 'concurrent_requests'
        ? PLACE_WAIT_MS
        : waitForMs(ledger[name], { limit, need }, nowMs)
    if (refusal === null || retryAfterMs > refusal.retryAfterMs) {
      refusal = { limit: name, retryAfterMs }
    }
  }
  return refusal
}

/** A request that is larger than the whole limit goes when nothing else is in use: else it never would. */
function neededOf({ need }: Ask, name: LimitName, limit = Infinity): number {
  return Math.min(need[name] ?? 0, limit)
}

function leftOf(ledger: KeyLedger, name: LimitName, limit: number, nowMs: number): number {
  return name === 'concurrent_requests'
    ? placesLeft(ledger[name], limit, nowMs)
    : leftIn(ledger[name], limit, nowMs)
}
