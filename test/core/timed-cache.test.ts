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

  test('lets as many of the oldest go as make room for the weight of a new one', () => {
    const cache = new TimedCache<string>(10, { maxSize: 10, sizeOf: ({ length }) => length })
    for (const key of ['a', 'b', 'c']) cache.set(key, 'xxx', 100)
    cache.set('d', 'xxxxx', 100)
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key, 0))).toEqual([
      undefined,
      undefined,
      'xxx',
      'xxxxx',
    ])
    // What is replaced, deleted or has ended weighs nothing any more.
    cache.set('d', 'x', 100)
    cache.set('e', 'xxx', 50)
    cache.delete('c')
    expect(cache.get('e', 50)).toBeUndefined()
    cache.set('f', 'xxxxxxxxx', 100)
    expect([cache.get('d', 0), cache.get('f', 0)]).toEqual(['x', 'xxxxxxxxx'])
    cache.clear()
    cache.set('g', 'xxxxxxxxxx', 100)
    expect(cache.get('g', 0)).toBe('xxxxxxxxxx')
  })

  test('does not keep what weighs too much alone, nor what it was before', () => {
    const cache = new TimedCache<string>(10, { maxSize: 3, sizeOf: ({ length }) => length })
    cache.set('a', 'x', 100)
    cache.set('b', 'x', 100)
    cache.set('b', 'xxxx', 100)
    expect([cache.get('a', 0), cache.get('b', 0)]).toEqual(['x', undefined])
  })

  test('drops what has ended when it is swept', () => {
    const cache = new TimedCache<number>(10)
    for (const [key, untilMs] of [
      ['a', 100],
      ['b', 110],
      ['c', 120],
    ] as const) {
      cache.set(key, 1, untilMs)
    }
    cache.sweep(110)
    expect([cache.size, cache.get('c', 110)]).toEqual([1, 1])
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
