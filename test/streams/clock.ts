import type { Timekeeper } from '../../src/streams/deadlines.ts'

interface Timer {
  readonly atMs: number
  readonly ring: () => void
}

export interface Clock extends Timekeeper {
  /** How many timers are set. */
  readonly timers: number
  /** How many were ever set. */
  readonly timersSet: number
  /** How often it was looked at. */
  readonly looks: number
  /** Lets time go by, and ring for whoever waits. */
  pass(milliseconds: number): Promise<void>
}

/** A clock that goes on when it is told to. */
export function newClock(): Clock {
  let nowMs = 0
  let timersSet = 0
  let looks = 0
  const timers = new Set<Timer>()
  return {
    get timers() {
      return timers.size
    },
    get timersSet() {
      return timersSet
    },
    get looks() {
      return looks
    },
    nowMs() {
      looks += 1
      return nowMs
    },
    startTimer(milliseconds, ring) {
      timersSet += 1
      const timer = { atMs: nowMs + milliseconds, ring }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    async pass(milliseconds) {
      const endMs = nowMs + milliseconds
      for (;;) {
        const next = [...timers].toSorted((a, b) => a.atMs - b.atMs)[0]
        if (next === undefined || next.atMs > endMs) break
        nowMs = next.atMs
        timers.delete(next)
        next.ring()
        // Whoever it rang for may set another.
        await settle()
      }
      nowMs = endMs
      await settle()
    },
  }
}

/** Everything that is ready happens, in the runtime's own streams too. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

/** What comes of some work, as far as it has come to anything. */
export function outcomeOf(work: Promise<unknown>): { value: unknown } {
  const outcome: { value: unknown } = { value: 'waiting' }
  work.then(
    (value) => void (outcome.value = value),
    (error: unknown) => void (outcome.value = error),
  )
  return outcome
}
