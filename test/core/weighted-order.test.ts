import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stableFraction } from '../../src/core/stable-hash.ts'
import { weightedOrder } from '../../src/core/weighted-order.ts'

const weights = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 10 })
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

/** The places of the weights, in order. */
function orderOf(given: readonly number[], chanceOf: (place: number) => number): readonly number[] {
  const places = given.map((_, place) => place)
  return weightedOrder(places, (place) => given[place] ?? 0, chanceOf)
}

const DRAWS = 20_000

/** The order at each of many draws whose numbers follow from the draw and the place. */
function draws(given: readonly number[], seed = 0): readonly (readonly number[])[] {
  return Array.from({ length: DRAWS }, (_, draw) =>
    orderOf(given, (place) => stableFraction(`${seed}/${draw}/${place}`)),
  )
}

const shareOf = (orders: readonly (readonly number[])[], place: number): number =>
  orders.filter(([first]) => first === place).length / orders.length

/** Five standard deviations of a share of one half: what chance does once in two million times. */
const TOLERANCE = 5 * Math.sqrt(0.25 / DRAWS)

describe('a weighted order', () => {
  test('holds everything once, and weight 0 last and as it stood', () => {
    fc.assert(
      fc.property(weights, fc.array(chance, { minLength: 10, maxLength: 10 }), (given, chances) => {
        const order = orderOf(given, (place) => chances[place] ?? 0)
        expect(order.toSorted((a, b) => a - b)).toEqual(given.map((_, place) => place))
        const idle = given.flatMap((weight, place) => (weight === 0 ? [place] : []))
        expect(order.slice(order.length - idle.length)).toEqual(idle)
      }),
    )
  })

  test('has each item first as often as its weight says', () => {
    fc.assert(
      fc.property(weights, fc.integer(), (given, seed) => {
        const total = given.reduce((sum, weight) => sum + weight, 0)
        fc.pre(total > 0)
        const orders = draws(given, seed)
        for (const [place, weight] of given.entries()) {
          expect(Math.abs(shareOf(orders, place) - weight / total)).toBeLessThan(TOLERANCE)
        }
      }),
      { numRuns: 10 },
    )
  })

  test('shares what falls to the first among the others by their weights', () => {
    const behind = draws([6, 2, 1])
      .filter(([first]) => first === 0)
      .map((order) => order.slice(1))
    expect(Math.abs(shareOf(behind, 1) - 2 / 3)).toBeLessThan(TOLERANCE)
  })

  test('without one of its items is the same for the others', () => {
    const numbers = fc.array(chance, { minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(weights, numbers, fc.nat(), (given, chances, gone) => {
        const place = gone % given.length
        const whole = orderOf(given, (at) => chances[at] ?? 0)
        const left = given.map((weight, at) => (at === place ? 0 : weight))
        const rest = orderOf(left, (at) => chances[at] ?? 0).filter((at) => at !== place)
        expect(rest).toEqual(whole.filter((at) => at !== place))
      }),
    )
  })

  test('moves only what an item of another weight gains or loses', () => {
    const before = draws([2, 2, 2])
    const after = draws([2, 3, 2])
    const moved = after.filter(([first], draw) => first !== before[draw]?.[0])
    expect(moved.length).toBeGreaterThan(0)
    expect(new Set(moved.map(([first]) => first))).toEqual(new Set([1]))
    // From 2 in 6 to 3 in 7.
    expect(Math.abs(moved.length / DRAWS - (3 / 7 - 2 / 6))).toBeLessThan(TOLERANCE)
  })

  test('never has a target of weight 0 before another', () => {
    expect(orderOf([0, 0, 1], () => 0)).toEqual([2, 0, 1])
    expect(orderOf([0, 0], () => 0.9)).toEqual([0, 1])
  })
})
