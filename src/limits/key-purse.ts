import {
  type Amounts,
  type KeyLimits,
  LEASE_MS,
  type LimitName,
  MINUTE_LIMITS,
} from './key-limits.ts'
import { type Hold, newSlotPurse } from './slot-purse.ts'
import type { Ask, Refusal, Settlement, Terms } from './terms.ts'
import { newWindowPurse } from './window-purse.ts'

/**
 * What an isolate has of one API key's limits, and what it knows of the rest: requests are admitted from here, and the
 * record is asked for more before it runs out. Pure: clock and ids are arguments.
 */
export interface KeyPurse {
  /** What one request needs of each limit. */
  needOf(limits: KeyLimits, tokens: number): Amounts
  /** Admits a request from what is here; undefined where it is not enough. */
  admit(need: Amounts, nowMs: number): Admission | undefined
  /** What the record said lately to a request that needed no more. */
  rememberedRefusal(need: Amounts, nowMs: number): Refusal | undefined
  /** Whether it is time to ask for more, which the next requests would have to wait for. Says so once for each asking. */
  isRunningLow(nowMs: number): boolean
  /** All that is to be told, together with what is asked for. What could not be told counts as spent. */
  ask(leaseId: string, need: Amounts, nowMs: number): Ask
  /** All that is to be told, without asking for anything; undefined where there is nothing. */
  report(nowMs: number): Ask | undefined
  receive(terms: Terms, ask: Ask, asked: { readonly askedMs: number; readonly nowMs: number }): void
  /** A request has ended that used so many tokens; undefined where nobody told. */
  end(admission: Admission, tokens: number | undefined, nowMs: number): void
  /** In how many milliseconds a report is due; undefined where there is none, or somebody has undertaken to make it. */
  scheduleReport(nowMs: number): number | undefined
  isHeld(hold: Hold): boolean
  beat(hold: Hold, nowMs: number): void
  isRenewalDue(nowMs: number): boolean
  /** The limits as the record last said; undefined where it was not asked. */
  readonly limits: KeyLimits | undefined
  /** What is left of a limit, here and at the record, when that was last asked. */
  remaining(limit: Exclude<LimitName, 'concurrent_requests'>, nowMs: number): number | undefined
}

/** A request on its way. */
export interface Admission {
  readonly hold: Hold | undefined
  /** Tokens that are paid for; undefined where they are not limited. */
  readonly tokens: number | undefined
}

/** Somebody has promised to ask or to tell by then. A promise can end with its request, unkept. */
const GRACE_MS = 5_000
/** What is owed is told soon: until then others are lent what is not there. */
const OWED_MS = 1_000
/** Places that others may want are kept free so long for the next request here. */
const FREE_MS = 500
/** A refusal is not asked for again sooner. */
const REFUSED_MS = 1_000
/** A budget that is spent from less often than so in the time of a lease is not asked for in advance. */
const STEADY_TIMES = 4
/** How long before its end a lease is of no use to those who come then. */
const AHEAD_MS = 1_000
/** What is asked for beyond the recent use: it may grow. */
const GROWTH = 1.25

export function newKeyPurse(): KeyPurse {
  const windows = { requests_per_minute: newWindowPurse(), tokens_per_minute: newWindowPurse() }
  const slots = newSlotPurse()
  let known: Terms | undefined
  let refused:
    | { readonly need: number; readonly refusal: Refusal; readonly atMs: number }
    | undefined
  let promisedForMs: number | undefined
  let askingMs = -Infinity

  const settled = (nowMs: number): Settlement[] =>
    MINUTE_LIMITS.flatMap((limit) =>
      windows[limit].takeSettled(nowMs).map((one) => ({ limit, ...one })),
    )

  const owed = (): Amounts =>
    Object.fromEntries(
      MINUTE_LIMITS.map((name) => [name, windows[name].takeOwed()] as const).filter(
        ([, units]) => units > 0,
      ),
    )

  /** As many places are free elsewhere as are taken: then those that are free here are in nobody's way. */
  const isPlenty = (): boolean => {
    const { limits, left } = known ?? {}
    return (left?.concurrent_requests ?? 0) > (limits?.concurrent_requests ?? 0) / 2
  }

  return {
    needOf(limits, tokens) {
      const { requests_per_minute, tokens_per_minute, concurrent_requests } = limits
      return {
        ...(requests_per_minute === undefined ? {} : { requests_per_minute: 1 }),
        ...(tokens_per_minute === undefined
          ? {}
          : {
              tokens_per_minute: Math.min(
                tokens,
                tokens_per_minute,
                known?.limits.tokens_per_minute ?? Infinity,
              ),
            }),
        ...(concurrent_requests === undefined ? {} : { concurrent_requests: 1 }),
      }
    },

    admit(need, nowMs) {
      const amounts = MINUTE_LIMITS.map((name) => [windows[name], need[name] ?? 0] as const)
      if (amounts.some(([purse, units]) => purse.left(nowMs) < units)) return undefined
      const hold = need.concurrent_requests === undefined ? undefined : slots.take(nowMs)
      if (need.concurrent_requests !== undefined && hold === undefined) return undefined
      for (const [purse, units] of amounts) purse.spend(units, nowMs)
      return { hold, tokens: need.tokens_per_minute }
    },

    rememberedRefusal(need, nowMs) {
      if (refused === undefined) return undefined
      const { refusal, atMs } = refused
      const agoMs = nowMs - atMs
      if (agoMs >= REFUSED_MS || (need[refusal.limit] ?? 0) < refused.need) return undefined
      return { ...refusal, retryAfterMs: Math.max(1, refusal.retryAfterMs - agoMs) }
    },

    isRunningLow(nowMs) {
      if (nowMs - askingMs < GRACE_MS) return false
      const isLow = Object.values(windows).some(
        (purse) =>
          purse.recentTimes(nowMs) >= STEADY_TIMES &&
          purse.left(nowMs + AHEAD_MS) < purse.recentUse(nowMs) / 4,
      )
      if (isLow) askingMs = nowMs
      return isLow
    },

    ask(leaseId, need, nowMs) {
      const want: Record<string, number> = { ...need }
      for (const name of MINUTE_LIMITS) {
        const recent = need[name] === undefined ? 0 : windows[name].recentUse(nowMs)
        if (recent > 0) want[name] = Math.max(need[name] ?? 0, Math.ceil(recent * GROWTH))
      }
      const held = slots.takeHeld(nowMs, isPlenty())
      return { leaseId, need, want, settled: settled(nowMs), owed: owed(), held }
    },

    report(nowMs) {
      promisedForMs = undefined
      const told = { settled: settled(nowMs), owed: owed(), held: slots.takeHeld(nowMs, false) }
      const isNothing =
        told.settled.length === 0 && Object.keys(told.owed).length === 0 && told.held.length === 0
      return isNothing ? undefined : { leaseId: '', need: {}, want: {}, ...told }
    },

    receive(terms, { leaseId, need }, { askedMs, nowMs }) {
      known = terms
      askingMs = -Infinity
      const { refusal, granted } = terms
      for (const name of MINUTE_LIMITS) {
        const units = granted[name] ?? 0
        if (units > 0) windows[name].add(leaseId, units, askedMs)
      }
      const places = granted.concurrent_requests ?? 0
      if (places > 0) slots.add(leaseId, places, askedMs)
      if (refusal !== null) refused = { need: need[refusal.limit] ?? 0, refusal, atMs: nowMs }
    },

    end({ hold, tokens }, used, nowMs) {
      if (hold !== undefined) slots.release(hold)
      const excess = tokens === undefined ? 0 : (used ?? 0) - tokens
      if (excess > 0) windows.tokens_per_minute.spendAnyway(excess, nowMs)
    },

    scheduleReport(nowMs) {
      const isFreeWanted = slots.hasFree && !isPlenty()
      const isOwed = MINUTE_LIMITS.some((name) => windows[name].owed > 0)
      const isLent = slots.hasFree || MINUTE_LIMITS.some((name) => windows[name].hasLeases)
      if (!isFreeWanted && !isOwed && !isLent) return undefined
      const dueMs = nowMs + (isFreeWanted ? FREE_MS : isOwed ? OWED_MS : LEASE_MS)
      const isPromised = promisedForMs !== undefined && nowMs < promisedForMs + GRACE_MS
      if (isPromised && promisedForMs !== undefined && promisedForMs <= dueMs) return undefined
      promisedForMs = dueMs
      return dueMs - nowMs
    },

    isHeld: (hold) => slots.isHeld(hold),
    beat: (hold, nowMs) => slots.beat(hold, nowMs),
    isRenewalDue: (nowMs) => slots.isRenewalDue(nowMs),

    get limits() {
      return known?.limits
    },

    remaining(limit, nowMs) {
      const left = known?.left[limit]
      const most = known?.limits[limit]
      if (left === undefined || most === undefined) return undefined
      return Math.max(0, Math.min(most, left + windows[limit].left(nowMs) - windows[limit].owed))
    },
  }
}
