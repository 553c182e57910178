import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { stableHash } from '../../src/core/stable-hash.ts'

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
