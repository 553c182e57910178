import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isObject,
  optionalString,
  refuseUnknownMembers,
  requireString,
  tryParseJson,
} from '../../src/core/parse.ts'
import { thrownBy } from '../thrown-by.ts'

const refusal = (param: string) =>
  expect.objectContaining({ code: 'invalid_request', status: 400, details: { param } })

describe('isObject', () => {
  test.each([
    [{}, true],
    [{ a: 1 }, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    [undefined, false],
    ['{}', false],
    [0, false],
  ])('%o: %s', (value, expected) => {
    expect(isObject(value)).toBe(expected)
  })
})

test('tryParseJson gives the value, or undefined for what is not JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(tryParseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
  for (const text of ['', '{', "{'a':1}", 'canary', '{"a":1}x']) {
    expect(tryParseJson(text)).toBeUndefined()
  }
})

describe('strings in an object', () => {
  test.each([
    ['missing', {}],
    ['empty', { key: '' }],
    ['blank', { key: ' \n' }],
    ['null', { key: null }],
    ['a number', { key: 1 }],
    ['an object', { key: {} }],
    ['a list', { key: ['x'] }],
    ['inherited', Object.create({ key: 'x' })],
  ])('%s is refused by name', (_, object: Record<string, unknown>) => {
    expect(() => requireString(object, 'key', 'outer')).toThrow(refusal('outer.key'))
  })

  test('is what is there, not trimmed', () => {
    expect(requireString({ key: ' x ' }, 'key', 'outer')).toBe(' x ')
    expect(optionalString({ key: ' x ' }, 'key', 'outer')).toBe(' x ')
  })

  test('may be missing where it is optional, and nothing else', () => {
    expect(optionalString({}, 'key', 'outer')).toBeUndefined()
    expect(() => optionalString({ key: null }, 'key', 'outer')).toThrow(refusal('outer.key'))
  })

  test('knows no member of the prototype', () => {
    expect(optionalString({}, 'toString', 'outer')).toBeUndefined()
    expect(() => requireString({}, 'constructor', 'outer')).toThrow(refusal('outer.constructor'))
  })
})

describe('refuseUnknownMembers', () => {
  test.each([
    [{}, undefined],
    [{ a: 1 }, undefined],
    [{ a: 1, b: 2 }, undefined],
    [{ a: 1, c: 'canary' }, 'outer.c'],
    [{ max_tokens: 'canary' }, 'outer.max_tokens'],
    // What does not look like a member's name could be a secret in the wrong place.
    [JSON.parse('{"__proto__":1}'), 'outer'],
    [{ 'sk-canary': 1 }, 'outer'],
    [{ CANARY: 1 }, 'outer'],
    [{ ['x'.repeat(40)]: 1 }, `outer.${'x'.repeat(40)}`],
    [{ ['x'.repeat(41)]: 1 }, 'outer'],
  ])('%j', (object, param) => {
    const error = thrownBy(() => refuseUnknownMembers(object, ['a', 'b'], 'outer'))
    expect(error).toEqual(param === undefined ? undefined : refusal(param))
    expect(String(error)).not.toContain('canary')
  })
})
