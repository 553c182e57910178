import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeldBytes } from '../../src/streams/held-bytes.ts'
import { join } from './byte-streams.ts'

describe('held bytes', () => {
  test('are every byte once, in order, however they are taken', () => {
    const step = fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.nat({ max: 30 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const held = new HeldBytes()
        const taken: Uint8Array[] = []
        for (const [bytes, wanted] of steps) {
          const all = held.join(bytes)
          const count = Math.min(wanted, all.length)
          // Not copied: what was given stays what it was.
          taken.push(all.subarray(0, count))
          held.hold(all.subarray(count))
          expect(held.length).toBe(all.length - count)
        }
        taken.push(held.join(new Uint8Array(0)))
        expect(join(taken)).toEqual(join(steps.map(([bytes]) => bytes)))
      }),
      { numRuns: 2000 },
    )
  })

  test('are right for reads that share one buffer', () => {
    const shared = Uint8Array.from({ length: 100 }, (_, at) => at)
    const held = new HeldBytes()
    held.hold(held.join(shared.subarray(0, 10)))
    held.hold(held.join(shared.subarray(10, 20)).subarray(20))
    held.hold(held.join(shared.subarray(0, 60)))
    expect(held.join(shared.subarray(60))).toEqual(shared)
  })
})
