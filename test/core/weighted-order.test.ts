import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { weightedOrder } from '../../src/core/weighted-order.ts'

const weights = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 10 })
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

/** The places of the weights, in order. */
function orderOf(given: readonly number[], random: () => number): readonly number[] {
  const places = given.map((_, place) => place)
  return weightedOrder(places, (place) => given[place] ?? 0, random)
}

describe('a weighted order', () => {
  test('holds everything once, and weight 0 last and as it stood', () => {
    fc.assert(
      fc.property(weights, fc.array(chance, { minLength: 10, maxLength: 10 }), (given, chances) => {
        const numbers = [...chances]
        const order = orderOf(given, () => numbers.pop() ?? 0)
        expect(order.toSorted((a, b) => a - b)).toEqual(given.map((_, place) => place))
        const idle = given.flatMap((weight, place) => (weight === 0 ? [place] : []))
        expect(order.slice(order.length - idle.length)).toEqual(idle)
      }),
    )
  })

  test('has each item first as often as its weight says', () => {
    fc.assert(
      fc.property(weights, (given) => {
        const total = given.reduce((sum, weight) => sum + weight, 0)
        fc.pre(total > 0)
        // Evenly spread numbers in place of random ones make the shares exact.
        const count = total
        const firsts = given.map(() => 0)
        for (let step = 0; step < count; step++) {
          const [first = -1] = orderOf(given, () => (step + 0.5) / count)
          firsts[first] = (firsts[first] ?? 0) + 1
        }
        expect(firsts).toEqual(given)
      }),
      { numRuns: 40 },
    )
  })

  test('shares what falls to the first among the others by their weights', () => {
    const seconds = [0, 0, 0]
    const steps = 300
    for (let step = 0; step < steps; step++) {
      // The first number always picks the first item; the second is spread evenly.
      const numbers = [0, (step + 0.5) / steps, 0]
      const [, second = -1] = orderOf([6, 2, 1], () => numbers.shift() ?? 0)
      seconds[second] = (seconds[second] ?? 0) + 1
    }
    expect(seconds).toEqual([0, 200, 100])
  })

  test('never has a target of weight 0 before another', () => {
    expect(orderOf([0, 0, 1], () => 0)).toEqual([2, 0, 1])
    expect(orderOf([0, 0], () => 0.9)).toEqual([0, 1])
  })
})
