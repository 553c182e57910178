import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import {
  defined,
  needObject,
  needString,
  needWord,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readObjects,
  readString,
  readStrings,
  readWord,
  without,
} from '../../src/core/read.ts'
import { thrownBy } from '../thrown-by.ts'

const WORDS = ['low', 'high'] as const
const PATH = 'messages.2.'

/** What each reader takes, and how it names what it does not. */
const READERS: readonly [
  read: (object: Record<string, unknown>, path?: string) => unknown,
  taken: unknown,
  not: readonly [value: unknown, param: string, what: string][],
][] = [
  [
    (o, p) => readString(o, 'm', p),
    '',
    [
      [1, 'm', 'a string'],
      [[], 'm', 'a string'],
    ],
  ],
  [(o, p) => readNumber(o, 'm', p), -1.5, [['1', 'm', 'a number']]],
  [
    (o, p) => readNumber(o, 'm', p, [0, 2]),
    2,
    [
      [2.1, 'm', 'from 0 to 2'],
      [-1, 'm', 'from 0 to 2'],
      [true, 'm', 'a number'],
    ],
  ],
  [
    (o, p) => readInteger(o, 'm', p, [1, Infinity]),
    1,
    [
      [0, 'm', '1 or more'],
      [1.5, 'm', 'a whole number'],
      [2 ** 53, 'm', 'a whole number'],
    ],
  ],
  [(o, p) => readBoolean(o, 'm', p), false, [[0, 'm', 'true or false']]],
  [
    (o, p) => readObject(o, 'm', p),
    {},
    [
      [[], 'm', 'an object'],
      ['', 'm', 'an object'],
    ],
  ],
  [
    (o, p) => readObjects(o, 'm', p),
    [{}],
    [
      [{}, 'm', 'a list'],
      [[{}, 1], 'm.1', 'an object'],
      [[null], 'm.0', 'an object'],
    ],
  ],
  [
    (o, p) => readStrings(o, 'm', p),
    ['a'],
    [
      ['a', 'm', 'a list'],
      [['a', null], 'm.1', 'a string'],
    ],
  ],
  [
    (o, p) => readWord(o, 'm', WORDS, p),
    'high',
    [
      ['max', 'm', 'one of low, high'],
      [1, 'm', 'a string'],
    ],
  ],
]

describe.each(READERS)('%s', (read, taken, not) => {
  test('gives what is there', () => {
    expect(read({ m: taken }, PATH)).toEqual(taken)
  })

  test('what is missing or null is undefined, and what is inherited is missing', () => {
    expect(read({}, PATH)).toBeUndefined()
    expect(read({ m: null }, PATH)).toBeUndefined()
    expect(read(Object.create({ m: taken }) as Record<string, unknown>)).toBeUndefined()
  })

  test.each(not)('refuses %j and names it', (value, param, what) => {
    expect(thrownBy(() => read({ m: value }, PATH))).toMatchObject({
      code: 'invalid_request',
      message: `${PATH}${param} must be ${what}.`,
      details: { param: PATH + param },
    })
    expect(thrownBy(() => read({ m: value }))).toMatchObject({ details: { param } })
  })
})

test.each([
  ['needString', (o: object) => needString(o as Record<string, unknown>, 'm', PATH)],
  ['needObject', (o: object) => needObject(o as Record<string, unknown>, 'm', PATH)],
  ['needWord', (o: object) => needWord(o as Record<string, unknown>, 'm', WORDS, PATH)],
])('%s says what is missing', (_, need) => {
  for (const object of [{}, { m: null }]) {
    expect(thrownBy(() => need(object))).toMatchObject({
      code: 'invalid_request',
      message: 'messages.2.m is missing.',
      details: { param: 'messages.2.m' },
    })
  }
})

test('needed members that are there are given', () => {
  expect(needString({ m: '' }, 'm')).toBe('')
  expect(needObject({ m: {} }, 'm')).toEqual({})
  expect(needWord({ m: 'low' }, 'm', WORDS)).toBe('low')
})

test('whatever a member is, it is given or refused by name, and never quoted', () => {
  fc.assert(
    fc.property(fc.constantFrom(...READERS), fc.jsonValue(), ([read], value) => {
      const error = thrownBy(() => read({ m: ['canary-1', value, 'canary-2'] }))
      if (error === undefined) return
      expect(error).toBeInstanceOf(GatewayError)
      expect(String(error)).not.toContain('canary')
    }),
  )
})

test('without leaves out what is known, and what is null', () => {
  const known = new Set(['a', 'b'])
  expect(without({ a: 1, b: null, c: null, d: false, e: 0 }, known)).toEqual({ d: false, e: 0 })
})

test('defined leaves out what is undefined, and nothing else', () => {
  expect(Object.entries(defined({ a: undefined, b: null, c: 0, d: '' }))).toEqual([
    ['b', null],
    ['c', 0],
    ['d', ''],
  ])
})
