import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { stableFraction, stableHash } from '../../src/core/stable-hash.ts'

// Pinned: ids made of hashes come back in conversations that are years old.
test.each([
  ['', 9, 'atEik6TC7'],
  ['call_1', 9, 'CffquHcqS'],
  ['functions.get:0', 4, 'NDfO'],
  ['functions.get:0', 12, '000SuNKUNDfO'],
  ['ä€𝄞', 9, 'Nf4Ivtf5s'],
])('the hash of %j in %d digits is %s, for ever', (text, length, expected) => {
  expect(stableHash(text, length)).toBe(expected)
})

test('has the length asked for, in base 62', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 20 }), (text, length) => {
      expect(stableHash(text, length)).toMatch(/^[0-9A-Za-z]+$/)
      expect(stableHash(text, length)).toHaveLength(length)
    }),
  )
})

test('texts that are nearly the same have hashes of their own', () => {
  const texts = Array.from({ length: 20_000 }, (_, index) => [
    `call_${index}`,
    `functions.search:${index}`,
    `${index}_tool`,
  ]).flat()
  expect(new Set(texts.map((text) => stableHash(text, 9))).size).toBe(texts.length)
})

// Pinned: conversations are sent to the same place by all isolates, whatever version they run.
test.each([
  ['', 0.6689222483251948],
  ['conversation/0/openai/gpt-5.5', 0.6362825079541737],
])('the fraction of %j is %d', (text, expected) => {
  expect(stableFraction(text)).toBe(expected)
})

test('fractions of texts that are nearly the same are spread evenly, and apart from each other', () => {
  const count = 20_000
  const [ones, others] = ['a', 'b'].map((end) =>
    Array.from({ length: count }, (_, index) => stableFraction(`${index}/${end}`)),
  ) as [number[], number[]]
  // A square of ten by ten fields, in which the pairs fall: each field gets its hundredth.
  const fields = new Map<string, number>()
  for (const [index, one] of ones.entries()) {
    const field = `${Math.floor(one * 10)}/${Math.floor((others[index] ?? 0) * 10)}`
    fields.set(field, (fields.get(field) ?? 0) + 1)
  }
  expect(fields.size).toBe(100)
  for (const found of fields.values()) expect(Math.abs(found - count / 100)).toBeLessThan(75)
})
