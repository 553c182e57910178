import { describe, expect, test } from 'vitest'
import type { KeyLimits } from '../../src/limits/key-limits.ts'
import { type Isolate, mostWithin, newIsolate, newRecord, newWorld } from './simulation.ts'

/** The bounds that docs/limits.md promises, in worlds of twenty isolates whose clocks differ by up to an hour. */

const MINUTE = 60_000
const ISOLATES = 20
const SEEDS = [1, 22, 333]

interface Admitted {
  readonly atMs: number
  readonly units: number
}

interface Load {
  readonly seed: number
  readonly limits: KeyLimits
  readonly minutes: number
  /** Of each isolate. */
  readonly requestsPerMinute: (isolate: number) => number
  readonly tokens?: () => number
  /** What happens to the world beside. */
  readonly meanwhile?: (
    world: ReturnType<typeof newWorld>,
    isolates: Isolate[],
    made: () => Isolate,
  ) => void
}

function run({ seed, limits, minutes, requestsPerMinute, tokens, meanwhile }: Load) {
  const world = newWorld(seed)
  const record = newRecord(world, () => limits)
  const made = (): Isolate => newIsolate(world, record, limits)
  const isolates = Array.from({ length: ISOLATES }, made)
  const admitted: Admitted[] = []
  let requests = 0
  const arrivals = (index: number): void => {
    const meanMs = MINUTE / requestsPerMinute(index)
    world.at(-Math.log(1 - world.random()) * meanMs, () => {
      requests += 1
      const units = tokens?.() ?? 1
      isolates[index]?.request((admission) => {
        if (admission === undefined) return
        admitted.push({ atMs: world.nowMs(), units })
        isolates[index]?.end(admission, units)
      }, units)
      arrivals(index)
    })
  }
  isolates.forEach((_, index) => arrivals(index))
  meanwhile?.(world, isolates, made)
  world.runUntil(minutes * MINUTE)
  return { admitted, requests, asked: record.asked(), world, record }
}

const sumOf = (admitted: readonly Admitted[], fromMs = 0): number =>
  admitted.filter(({ atMs }) => atMs >= fromMs).reduce((sum, { units }) => sum + units, 0)

describe.each(SEEDS)('twenty isolates, seed %i', (seed) => {
  test.each([5, 60, 1000])('admit %i requests a minute, never more, and most of them', (limit) => {
    const { admitted } = run({
      seed,
      limits: { requests_per_minute: limit },
      minutes: 10,
      requestsPerMinute: (index) => ((limit * 4) / ISOLATES) * (index % 4 === 0 ? 3 : 1 / 3),
    })
    expect(mostWithin(MINUTE, admitted)).toBeLessThanOrEqual(limit)
    expect(sumOf(admitted)).toBeGreaterThanOrEqual(limit * 10 * 0.9)
  })

  test('admit everything as long as there is room for it', () => {
    const { admitted, requests } = run({
      seed,
      limits: { requests_per_minute: 3000 },
      minutes: 5,
      requestsPerMinute: () => 75,
    })
    expect(admitted.length).toBeGreaterThanOrEqual(requests - ISOLATES)
  })

  test('ask seldom where they are busy', () => {
    const { admitted, asked } = run({
      seed,
      limits: { requests_per_minute: 60_000 },
      minutes: 1,
      requestsPerMinute: () => 2000,
    })
    expect(asked).toBeLessThan(admitted.length / 20)
  })

  test('admit tokens by their estimate, never more than there are', () => {
    const sizes = newWorld(seed + 1)
    const { admitted } = run({
      seed,
      limits: { tokens_per_minute: 100_000 },
      minutes: 10,
      requestsPerMinute: () => 30,
      tokens: () => 100 + Math.floor(sizes.random() * 2000),
    })
    expect(mostWithin(MINUTE, admitted)).toBeLessThanOrEqual(100_000)
    expect(sumOf(admitted)).toBeGreaterThanOrEqual(100_000 * 10 * 0.9)
  })

  test('are a few who come and go, and what they leave behind is free within 70 seconds', () => {
    const { admitted } = run({
      seed,
      limits: { requests_per_minute: 300 },
      minutes: 12,
      requestsPerMinute: () => 60,
      meanwhile(world, isolates, made) {
        // All of them are lost at once, again and again, and others take their places.
        for (const minute of [3, 6]) {
          world.at(minute * MINUTE, () => {
            for (const [index, isolate] of isolates.entries()) {
              isolate.die()
              isolates[index] = made()
            }
          })
        }
      },
    })
    expect(mostWithin(MINUTE, admitted)).toBeLessThanOrEqual(300)
    const [lostMs, freeMs] = [6 * MINUTE, 6 * MINUTE + 70_000]
    const later = sumOf(admitted, freeMs) / ((12 * MINUTE - freeMs) / MINUTE)
    expect(later).toBeGreaterThanOrEqual(300 * 0.9)
    expect(admitted.some(({ atMs }) => atMs > lostMs)).toBe(true)
  })
})

describe.each(SEEDS)('requests in flight, seed %i', (seed) => {
  const LIMIT = 12

  function runInFlight({ minutes, everyMs }: { minutes: number; everyMs: number }) {
    const limits = { concurrent_requests: LIMIT }
    const world = newWorld(seed)
    const record = newRecord(world, () => limits)
    const isolates = Array.from({ length: ISOLATES }, () => newIsolate(world, record, limits))
    /** Who is in flight, and in which isolate. */
    const inFlight = new Set<{ readonly isolate: Isolate }>()
    const flown: { atMs: number; count: number }[] = []
    let most = 0
    const arrive = (): void => {
      world.at(-Math.log(1 - world.random()) * everyMs, () => {
        const isolate = isolates[Math.floor(world.random() * isolates.length)]
        isolate?.request((admission) => {
          if (admission === undefined) return
          const flight = { isolate }
          inFlight.add(flight)
          most = Math.max(most, inFlight.size)
          // Some are as long as a stream of several minutes.
          const lengthMs = world.random() < 0.1 ? 3 * MINUTE * world.random() : 4000
          world.at(lengthMs, () => {
            if (!inFlight.delete(flight)) return
            isolate.end(admission)
          })
        })
        flown.push({ atMs: world.nowMs(), count: inFlight.size })
        arrive()
      })
    }
    arrive()
    const loseAll = (): void => {
      for (const [index, isolate] of isolates.entries()) {
        isolate.die()
        isolates[index] = newIsolate(world, record, limits)
      }
      inFlight.clear()
    }
    return { world, loseAll, most: () => most, flown, minutes }
  }

  const average = (flown: readonly { count: number }[]): number =>
    flown.reduce((sum, { count }) => sum + count, 0) / flown.length

  test('are never more than may be, and about as many as that', () => {
    const { world, most, flown } = runInFlight({ minutes: 10, everyMs: 100 })
    world.runUntil(10 * MINUTE)
    expect(most()).toBe(LIMIT)
    expect(average(flown.slice(200))).toBeGreaterThan(LIMIT * 0.85)
  })

  test('of isolates that are lost leave their places within 30 seconds', () => {
    const { world, loseAll, most, flown } = runInFlight({ minutes: 10, everyMs: 100 })
    world.at(5 * MINUTE, loseAll)
    world.runUntil(10 * MINUTE)
    expect(most()).toBe(LIMIT)
    const later = flown.filter(({ atMs }) => atMs > 5 * MINUTE + 35_000)
    expect(average(later)).toBeGreaterThan(LIMIT * 0.85)
  })
})
