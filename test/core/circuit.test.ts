import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  afterFailure,
  afterSuccess,
  type Circuit,
  type CircuitFailure,
  type CircuitLimits,
  stateOf,
  withoutProbe,
  withProbe,
} from '../../src/core/circuit.ts'

const limits: CircuitLimits = {
  failuresInRow: 3,
  failureRate: 0.5,
  windowMs: 1000,
  minCalls: 6,
  maxAskedMs: 5000,
  probeMs: 300,
}
const backoff = { baseMs: 100, maxMs: 2000 }
const plain: CircuitFailure = { kind: 'open', reason: 'failed', opensAtOnce: false, backoff }
const limited: CircuitFailure = {
  kind: 'cooling_down',
  reason: 'rate-limited',
  opensAtOnce: true,
  backoff,
}
const half = () => 0.5

const fail = (
  circuit: Circuit | undefined,
  nowMs: number,
  failure: CircuitFailure = plain,
  { startedMs = nowMs, random = half } = {},
): Circuit => afterFailure(circuit, failure, { startedMs, nowMs }, { limits, random })
const succeed = (circuit: Circuit, nowMs: number, startedMs = nowMs): Circuit | undefined =>
  afterSuccess(circuit, { startedMs, nowMs }, limits)

describe('a circuit that is closed', () => {
  const event = fc.record({ waitMs: fc.nat({ max: 300 }), isFailure: fc.boolean() })

  test('opens exactly when its triggers say so', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let circuit: Circuit | undefined
        let nowMs = 10_000
        // The calls since there was last nothing to remember.
        let history: { atMs: number; isFailure: boolean }[] = []
        for (const { waitMs, isFailure } of events) {
          nowMs += waitMs
          const slot = (atMs: number): number => Math.floor(atMs / 500)
          if (circuit !== undefined || isFailure) history.push({ atMs: nowMs, isFailure })
          const recent = history.filter(({ atMs }) => slot(nowMs) - slot(atMs) <= 1)
          const failed = recent.filter((one) => one.isFailure).length
          const lastRow = history.slice(-3)
          const shouldOpen =
            isFailure &&
            ((lastRow.length === 3 && lastRow.every((one) => one.isFailure)) ||
              (recent.length >= 6 && failed * 2 >= recent.length))
          circuit = isFailure ? fail(circuit, nowMs) : circuit && succeed(circuit, nowMs)
          expect(stateOf(circuit, nowMs)).toBe(shouldOpen ? 'open' : 'closed')
          if (shouldOpen) return
          if (!isFailure) expect(circuit === undefined).toBe(failed === 0)
          if (circuit === undefined) history = []
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('opens at once where one failure is enough', () => {
    expect(stateOf(fail(undefined, 0, limited), 0)).toBe('open')
    expect(stateOf(fail(undefined, 0, plain), 0)).toBe('closed')
  })

  test('is forgotten when its failures are long over', () => {
    const circuit = fail(undefined, 0)
    expect(succeed(circuit, 400)).toBeDefined()
    expect(succeed(circuit, 1600)).toBeUndefined()
  })
})

/** Anything that can happen to a circuit, at any time. */
const happening = fc.record({
  does: fc.constantFrom('probe', 'probe', 'fail', 'limit', 'succeed', 'leave'),
  waitMs: fc.nat({ max: 900 }),
  /** How long the call took. */
  tookMs: fc.oneof(fc.constant(0), fc.nat({ max: 4000 })),
  askedMs: fc.option(fc.nat({ max: 20_000 }), { nil: undefined }),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
})

interface Step {
  readonly before: Circuit | undefined
  readonly after: Circuit | undefined
  readonly nowMs: number
  readonly startedMs: number
  readonly does: string
  readonly askedMs: number | undefined
}

/** Plays a story, and has each step looked at. */
function everyStep(look: (step: Step) => void): void {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (story) => {
      let circuit: Circuit | undefined
      let nowMs = 100_000
      for (const { does, waitMs, tookMs, askedMs, random } of story) {
        nowMs += waitMs
        const before = circuit
        const startedMs = nowMs - tookMs
        const options = { startedMs, random: () => random }
        if (does === 'probe' && circuit !== undefined && stateOf(circuit, nowMs) === 'half_open') {
          circuit = withProbe(circuit, nowMs, limits)
        } else if (does === 'fail') circuit = fail(circuit, nowMs, plain, options)
        else if (does === 'limit') circuit = fail(circuit, nowMs, { ...limited, askedMs }, options)
        else if (does === 'succeed') circuit = circuit && succeed(circuit, nowMs, startedMs)
        else if (does === 'leave') circuit = circuit && withoutProbe(circuit)
        look({ before, after: circuit, nowMs, startedMs, does, askedMs })
      }
    }),
    { numRuns: 1000 },
  )
}

describe('a circuit that is open', () => {
  test('never stays so past its cap', () => {
    everyStep(({ before, after, nowMs, does }) => {
      if (after?.opening === undefined || after.opening === before?.opening) return
      const { untilMs, probeUntilMs = untilMs } = after.opening
      if (untilMs !== before?.opening?.untilMs) {
        const capMs = does === 'limit' ? limits.maxAskedMs : backoff.maxMs
        expect(untilMs - nowMs).toBeLessThanOrEqual(capMs)
      }
      expect(probeUntilMs - nowMs).toBeLessThanOrEqual(Math.max(untilMs - nowMs, limits.probeMs))
      expect(stateOf(after, Math.max(untilMs, probeUntilMs))).toBe('half_open')
    })
  })

  test('is left alone for as long as the upstream asked, whatever was known before', () => {
    everyStep(({ after, nowMs, does, askedMs }) => {
      if (does !== 'limit' || askedMs === undefined) return
      const wishMs = Math.min(askedMs, limits.maxAskedMs)
      expect(after?.opening?.untilMs).toBeGreaterThanOrEqual(nowMs + wishMs)
      if (wishMs > 0) expect(stateOf(after, nowMs + wishMs - 1)).toBe('open')
    })
  })

  test('is opened for longer by each probe that fails, and by nothing else', () => {
    everyStep(({ before, after, nowMs, startedMs, does }) => {
      if (!before?.opening || !after?.opening) return
      const { untilMs, openedMs, reopened } = before.opening
      const isTold =
        (does === 'fail' || does === 'limit') && nowMs >= untilMs && startedMs >= openedMs
      expect(after.opening.reopened - reopened).toBe(isTold ? 1 : 0)
      expect(after.opening.sinceMs).toBe(before.opening.sinceMs)
    })
  })

  test.each([
    [0, 100, 50],
    [1, 200, 100],
    [4, 1600, 800],
    [5, 2000, 1000],
    [30, 2000, 1000],
  ])('after %i openings: at most %i ms, and at least %i', (times, mostMs, leastMs) => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        let circuit: Circuit | undefined
        for (let time = 0; time < times; time += 1) circuit = fail(circuit, time * 10_000, limited)
        const nowMs = times * 10_000
        const { opening } = fail(circuit, nowMs, limited, { random: () => random })
        const lengthMs = (opening?.untilMs ?? 0) - nowMs
        expect(lengthMs).toBeLessThanOrEqual(mostMs)
        expect(lengthMs).toBeGreaterThan(leastMs - 1e-6)
      }),
    )
  })

  test('closes after a call that began since and went well, and not after one that began before', () => {
    everyStep(({ before, after, startedMs, does }) => {
      if (does !== 'succeed' || before?.opening === undefined) return
      expect(after).toBe(startedMs < before.opening.openedMs ? before : undefined)
    })
    expect(succeed(fail(undefined, 100, limited), 5000)).toBeUndefined()
  })
})

describe('a circuit that is half-open', () => {
  const opened = fail(undefined, 0, { ...limited, askedMs: 1000 })

  test('admits one probe at a time, whatever happens meanwhile', () => {
    everyStep(({ before, after, nowMs }) => {
      const probeUntilMs = before?.opening?.probeUntilMs
      if (probeUntilMs === undefined || nowMs >= probeUntilMs) return
      // As long as it is under way, nobody else finds it half-open.
      expect(stateOf(before, nowMs)).toBe('open')
      if (after?.opening?.probeUntilMs === probeUntilMs) expect(stateOf(after, nowMs)).toBe('open')
    })
  })

  test('is so from its time on, and to one', () => {
    expect([stateOf(opened, 999), stateOf(opened, 1000)]).toEqual(['open', 'half_open'])
    const probed = withProbe(opened, 1500, limits)
    expect(stateOf(probed, 1500)).toBe('open')
  })

  test('is not locked by a probe that is never heard of again', () => {
    const probed = withProbe(opened, 1500, limits)
    expect([stateOf(probed, 1799), stateOf(probed, 1800)]).toEqual(['open', 'half_open'])
  })

  test('is free at once when the probe came to nothing', () => {
    expect(stateOf(withoutProbe(withProbe(opened, 1500, limits)), 1501)).toBe('half_open')
  })

  test('closes after a good probe, and opens again for longer after a bad one', () => {
    const probed = withProbe(opened, 1500, limits)
    expect(succeed(probed, 1600, 1500)).toBeUndefined()
    const { opening } = fail(probed, 1600, plain, { startedMs: 1500 })
    expect(opening).toEqual({
      kind: 'open',
      reason: 'failed',
      sinceMs: 0,
      openedMs: 1600,
      untilMs: 1600 + 200 * 0.75,
      reopened: 1,
    })
  })
})
