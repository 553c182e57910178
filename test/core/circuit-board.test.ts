import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BoardLimits,
  CircuitBoard,
  type CircuitPlace,
  type Probe,
} from '../../src/core/circuit-board.ts'
import { stateOf } from '../../src/core/circuit.ts'

const limits: BoardLimits = {
  failuresInRow: 2,
  failureRate: 0.5,
  windowMs: 1000,
  minCalls: 6,
  maxAskedMs: 5000,
  probeMs: 300,
  maxCircuits: 4,
}
const failure = {
  kind: 'open',
  reason: 'failed',
  opensAtOnce: true,
  backoff: { baseMs: 100, maxMs: 2000 },
} as const

const at = (name: string, organizationId = 'org_1'): CircuitPlace => ({ organizationId, name })
const failAt = (board: CircuitBoard, place: CircuitPlace, nowMs = 0) =>
  board.fail(place, failure, { startedMs: nowMs, nowMs }, () => 0)

describe('a board of circuits', () => {
  test('knows nothing of targets that are well', () => {
    const board = new CircuitBoard(limits)
    expect(board.succeed(at('a'), { startedMs: 0, nowMs: 0 })).toBe(false)
    expect(board.probe(at('a'), 0)).toBeUndefined()
    expect([board.knows('org_1'), board.get(at('a'))]).toEqual([false, undefined])
  })

  test('tells what opens, what keeps open for longer, and what closes', () => {
    const board = new CircuitBoard(limits)
    expect(failAt(board, at('a'), 10)).toMatchObject({ reason: 'failed', untilMs: 110 })
    expect(failAt(board, at('a'), 20)).toBeUndefined()
    expect(failAt(board, at('a'), 110)).toMatchObject({ sinceMs: 10, untilMs: 310 })
    expect(board.succeed(at('a'), { startedMs: 100, nowMs: 320 })).toBe(false)
    expect(board.succeed(at('a'), { startedMs: 320, nowMs: 320 })).toBe(true)
    expect(board.knows('org_1')).toBe(false)
  })

  test('is bounded: the organization that has most loses the one heard of longest ago', () => {
    const board = new CircuitBoard(limits)
    failAt(board, at('a', 'org_2'))
    for (const name of ['a', 'b', 'c', 'a', 'd']) failAt(board, at(name), name === 'a' ? 100 : 0)
    const known = ['a', 'b', 'c', 'd'].filter((name) => board.get(at(name)) !== undefined)
    expect(known).toEqual(['a', 'c', 'd'])
    expect(board.knows('org_2')).toBe(true)
  })

  test('takes a probe back only from whoever has it', () => {
    const board = new CircuitBoard(limits)
    failAt(board, at('a'))
    const lost = board.probe(at('a'), 100) ?? expect.fail()
    expect(board.probe(at('a'), 399)).toBeUndefined()
    const second = board.probe(at('a'), 400) ?? expect.fail()
    board.leave(lost)
    expect(board.probe(at('a'), 401)).toBeUndefined()
    board.leave(second)
    expect(board.probe(at('a'), 402)).toBeDefined()
  })

  const step = fc.record({
    waitMs: fc.nat({ max: 200 }),
    /** A request comes, or the probe that is under way ends so. */
    does: fc.constantFrom('come', 'come', 'come', 'fail', 'succeed', 'leave'),
  })

  test('lets one request at a time through to a target that is half-open', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
        const board = new CircuitBoard(limits)
        const place = at('a')
        let nowMs = 0
        let probeSinceMs: number | undefined
        let probe: Probe | undefined
        failAt(board, place, nowMs)
        for (const { waitMs, does } of steps) {
          nowMs += waitMs
          const times = { startedMs: probeSinceMs ?? nowMs, nowMs }
          if (does === 'come') {
            if (stateOf(board.get(place), nowMs) !== 'half_open') continue
            if (probeSinceMs !== undefined) {
              expect(nowMs - probeSinceMs).toBeGreaterThanOrEqual(limits.probeMs)
            }
            probe = board.probe(place, nowMs)
            probeSinceMs = nowMs
          } else if (probeSinceMs !== undefined) {
            if (does === 'leave') board.leave(probe ?? expect.fail())
            else if (does === 'fail') board.fail(place, failure, times, () => 0)
            else if (board.succeed(place, times)) failAt(board, place, nowMs)
            probeSinceMs = undefined
          }
        }
      }),
    )
  })
})
