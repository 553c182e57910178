import { describe, expect, test } from 'vitest'
import { SharedCache } from '../../src/core/shared-cache.ts'

const HOUR = 3_600_000
const newCache = (maxEntries: number) => new SharedCache<string>({ maxEntries, keptMs: HOUR })

/** Which of some keys of an owner's are there. */
const there = (cache: SharedCache<string>, owner: string, keys: readonly string[], nowMs = 0) =>
  keys.filter((key) => cache.get(owner, key, nowMs) !== undefined)

describe('a shared cache', () => {
  test('gives what was set, to its owner, until its time is over', () => {
    const cache = newCache(3)
    cache.set('a', 'k', 'one', 0)
    cache.set('a', 'k', 'two', 5)
    expect([cache.get('a', 'k', HOUR + 4), cache.get('a', 'k', HOUR + 5)]).toEqual([
      'two',
      undefined,
    ])
    expect(cache.get('b', 'k', 6)).toBeUndefined()
  })

  test('knows whether an owner has anything in it', () => {
    const cache = newCache(3)
    cache.set('a', 'k', 'one', 0)
    cache.set('a', 'l', 'two', 0)
    cache.delete('a', 'k')
    cache.delete('b', 'k')
    expect([cache.has('a'), cache.has('b')]).toEqual([true, false])
    cache.delete('a', 'l')
    expect(cache.has('a')).toBe(false)
  })

  test('that is full takes of whoever has most, and of that what is oldest', () => {
    const cache = newCache(5)
    cache.set('small', 'first', 'v', 0)
    for (const key of ['1', '2', '3', '4', '5', '6']) cache.set('large', key, 'v', 1)
    expect(there(cache, 'small', ['first'])).toEqual(['first'])
    expect(there(cache, 'large', ['1', '2', '3', '4', '5', '6'])).toEqual(['3', '4', '5', '6'])
    cache.set('new', 'k', 'v', 2)
    expect(there(cache, 'large', ['3', '4', '5', '6'])).toEqual(['4', '5', '6'])
    expect([...there(cache, 'small', ['first']), ...there(cache, 'new', ['k'])]).toEqual([
      'first',
      'k',
    ])
  })

  test('that is full of what has ended forgets that first', () => {
    const cache = newCache(3)
    cache.set('old', 'k', 'v', 0)
    cache.set('other', '1', 'v', HOUR)
    cache.set('other', '2', 'v', HOUR)
    cache.set('new', 'k', 'v', HOUR)
    expect(there(cache, 'other', ['1', '2'], HOUR)).toEqual(['1', '2'])
    expect(there(cache, 'new', ['k'], HOUR)).toEqual(['k'])
  })
})
