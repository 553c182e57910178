import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TimedCache } from '../../src/core/timed-cache.ts'

describe('TimedCache', () => {
  test('gives a value until its time, and not at it', () => {
    const cache = new TimedCache<string>(10)
    cache.set('a', 'x', 100)
    expect([cache.get('a', 0), cache.get('a', 99), cache.get('a', 100)]).toEqual([
      'x',
      'x',
      undefined,
    ])
    expect(cache.size).toBe(0)
  })

  test('keeps values that are nothing apart from no value', () => {
    const cache = new TimedCache<null>(10)
    cache.set('a', null, 100)
    expect([cache.get('a', 0), cache.get('b', 0)]).toEqual([null, undefined])
  })

  test('lets the one written longest ago go when it is full', () => {
    const cache = new TimedCache<number>(2)
    cache.set('a', 1, 100)
    cache.set('b', 2, 100)
    cache.set('a', 3, 100)
    cache.set('c', 4, 100)
    expect(['a', 'b', 'c'].map((key) => cache.get(key, 0))).toEqual([3, undefined, 4])
  })

  test('forgets one, and all', () => {
    const cache = new TimedCache<number>(10)
    cache.set('a', 1, 100)
    cache.set('b', 2, 100)
    cache.delete('a')
    expect([cache.get('a', 0), cache.get('b', 0)]).toEqual([undefined, 2])
    cache.clear()
    expect([cache.get('b', 0), cache.size]).toEqual([undefined, 0])
  })

  const step = fc.record({
    does: fc.constantFrom('set', 'get', 'delete'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    ttl: fc.nat({ max: 20 }),
    waits: fc.nat({ max: 10 }),
  })

  test('never holds more than it may, and never gives a value that is not the last one set', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step), (maxEntries, steps) => {
        const cache = new TimedCache<number>(maxEntries)
        const model = new Map<string, { value: number; until: number }>()
        let now = 0
        for (const [value, { does, key, ttl, waits }] of steps.entries()) {
          now += waits
          if (does === 'set') {
            cache.set(key, value, now + ttl)
            model.set(key, { value, until: now + ttl })
          } else if (does === 'delete') {
            cache.delete(key)
            model.delete(key)
          }
          const known = model.get(key)
          const live = known && known.until > now ? known.value : undefined
          // The one just written is there; any other may have had to go.
          const allowed = does === 'set' ? [live] : [live, undefined]
          expect(allowed).toContain(cache.get(key, now))
          expect(cache.size).toBeLessThanOrEqual(maxEntries)
        }
      }),
    )
  })
})
