import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainName } from '../../src/core/plain-name.ts'

const LONG = 'a_tool_with_a_name_that_goes_on_and_on_and_does_not_end_where_it_should'

test.each([
  ['get_weather', 'get_weather'],
  ['A-9', 'A-9'],
  [LONG.slice(0, 64), LONG.slice(0, 64)],
  [LONG, expect.stringMatching(/^a_tool_with_a_name_that_goes_on_and_on_and_does_not__kw\w{9}$/)],
  ['functions.get:0', expect.stringMatching(/^functions_get_0_kw\w{9}$/)],
  ['wetter für morgen', expect.stringMatching(/^wetter_f_r_morgen_kw\w{9}$/)],
  ['', expect.stringMatching(/^_kw\w{9}$/)],
])('%j becomes a plain name', (name, expected) => {
  expect(plainName(name)).toEqual(expected)
})

test('a name is always plain, and not too long', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 16, max: 128 }), (name, length) => {
      const plain = plainName(name, length)
      expect(plain).toMatch(/^[a-zA-Z0-9_-]+$/)
      expect(plain.length).toBeLessThanOrEqual(length)
    }),
  )
})

test('#22 different names stay different, also from names that look like them', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 20 }), (texts) => {
      const names = new Set([...texts, ...texts.map((text) => plainName(text))])
      expect(new Set([...names].map((name) => plainName(name))).size).toBe(names.size)
    }),
  )
})

test('names that differ behind the limit only stay different', () => {
  expect(plainName(`${LONG}1`)).not.toBe(plainName(`${LONG}2`))
})
