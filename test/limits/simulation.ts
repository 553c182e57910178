import { type Amounts, type KeyLimits } from '../../src/limits/key-limits.ts'
import { type Admission, type KeyPurse, newKeyPurse } from '../../src/limits/key-purse.ts'
import { type KeyLedger, lend, newKeyLedger } from '../../src/limits/lender.ts'
import type { Ask, Terms } from '../../src/limits/terms.ts'

/** Many isolates and one record, in a world whose time passes only when nothing else happens. */
export interface World {
  readonly nowMs: () => number
  /** Something that happens later. */
  readonly at: (delayMs: number, event: () => void) => void
  /** At least 0 and below 1. */
  readonly random: () => number
  /** Lets time pass. */
  readonly runUntil: (endMs: number) => void
}

export function newWorld(seed: number): World {
  let now = 0
  let order = 0
  const events: { readonly atMs: number; readonly order: number; readonly event: () => void }[] = []
  let state = seed >>> 0 || 1
  return {
    nowMs: () => now,
    at(delayMs, event) {
      const next = { atMs: now + delayMs, order: order++, event }
      const place = events.findLastIndex(({ atMs }) => atMs <= next.atMs)
      events.splice(place + 1, 0, next)
    },
    random() {
      // xorshift32
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      state >>>= 0
      return state / 2 ** 32
    },
    runUntil(endMs) {
      for (let next = events[0]; next !== undefined && next.atMs <= endMs; next = events[0]) {
        events.shift()
        now = next.atMs
        next.event()
      }
      now = endMs
    },
  }
}

/** The organization's record, which may lose all that it did not keep. */
export interface Record {
  readonly lend: (ask: Ask) => Terms
  readonly asked: () => number
  ledger: KeyLedger
}

export function newRecord(world: World, limits: () => KeyLimits): Record {
  let asked = 0
  return {
    ledger: newKeyLedger(),
    lend(ask) {
      asked += 1
      return lend(this.ledger, limits(), ask, world.nowMs())
    },
    asked: () => asked,
  }
}

export interface Isolate {
  /** A request; `then` is told whether it was admitted, and when. */
  readonly request: (then: (admission: Admission | undefined) => void, tokens?: number) => void
  readonly end: (admission: Admission, tokens?: number) => void
  /** It is gone, with all that it had. */
  readonly die: () => void
}

let leases = 0

/** An isolate as `src/gateway/caller/admit.ts` has it, with a clock of its own and a way to the record that takes time. */
export function newIsolate(world: World, record: Record, limits: KeyLimits): Isolate {
  const purse: KeyPurse = newKeyPurse()
  const skewMs = Math.floor((world.random() - 0.5) * 7_200_000)
  const now = (): number => world.nowMs() + skewMs
  let isAlive = true
  const ifAlive = (work: () => void) => () => void (isAlive && work())
  const delay = (): number => 1 + Math.floor(world.random() * 100)

  const exchange = (ask: Ask, then: (terms: Terms) => void): void => {
    const askedMs = now()
    world.at(delay(), () => {
      const terms = record.lend(ask)
      world.at(
        delay(),
        ifAlive(() => {
          purse.receive(terms, ask, { askedMs, nowMs: now() })
          then(terms)
          keepPromises()
        }),
      )
    })
  }
  const keepPromises = (): void => {
    const delayMs = purse.scheduleReport(now())
    if (delayMs === undefined) return
    world.at(
      delayMs,
      ifAlive(() => {
        const told = purse.report(now())
        if (told !== undefined) exchange(told, () => undefined)
        else keepPromises()
      }),
    )
  }
  const renew = (admission: Admission, isOver: () => boolean): void => {
    const { hold } = admission
    if (hold === undefined) return
    world.at(
      10_000,
      ifAlive(() => {
        if (isOver()) return
        purse.beat(hold, now())
        if (purse.isRenewalDue(now())) exchange(purse.ask('', {}, now()), () => undefined)
        renew(admission, isOver)
      }),
    )
  }
  const ended = new Set<Admission>()
  const admitted = (admission: Admission): Admission => {
    renew(admission, () => ended.has(admission))
    return admission
  }

  return {
    request(then, tokens = 0) {
      const need: Amounts = purse.needOf(limits, tokens)
      const here = purse.admit(need, now())
      if (here !== undefined) {
        if (purse.isRunningLow(now())) {
          const { concurrent_requests: _, ...windows } = purse.needOf(limits, 1)
          exchange(purse.ask(`lease ${leases++}`, windows, now()), () => undefined)
        }
        return then(admitted(here))
      }
      if (purse.rememberedRefusal(need, now()) !== undefined) return then(undefined)
      exchange(purse.ask(`lease ${leases++}`, need, now()), () => {
        const lent = purse.admit(need, now())
        then(lent && admitted(lent))
      })
    },
    end(admission, tokens) {
      ended.add(admission)
      purse.end(admission, tokens, now())
      keepPromises()
    },
    die() {
      isAlive = false
    },
  }
}

/** The largest sum within any window of that length. */
export function mostWithin(
  windowMs: number,
  events: readonly { readonly atMs: number; readonly units: number }[],
): number {
  let most = 0
  let sum = 0
  let from = 0
  for (const { atMs, units } of events) {
    sum += units
    for (let first = events[from]; first !== undefined && first.atMs <= atMs - windowMs;) {
      sum -= first.units
      first = events[++from]
    }
    most = Math.max(most, sum)
  }
  return most
}
