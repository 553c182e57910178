import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  base62,
  base64,
  base64url,
  fromBase64,
  fromBase64url,
  hex,
  randomBase62,
} from '../../src/core/encoding.ts'

const bytes = fc.uint8Array({ maxLength: 100 })

describe('bytes as text', () => {
  test('are what Node makes of them, and come back', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const buffer = Buffer.from(value)
        expect(hex(value)).toBe(buffer.toString('hex'))
        expect(hex(value.slice().buffer)).toBe(buffer.toString('hex'))
        expect(base64(value)).toBe(buffer.toString('base64'))
        expect(base64url(value)).toBe(buffer.toString('base64url'))
        expect(fromBase64(base64(value))).toEqual(new Uint8Array(value))
        expect(fromBase64url(base64url(value))).toEqual(new Uint8Array(value))
      }),
    )
  })

  test('a view on a part of a buffer is that part', () => {
    expect(hex(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toBe('0203')
  })

  test.each(['a', '****', 'YWJj!', 'YW=Jj', 'ä'])('%s is not base64', (text) => {
    expect(() => fromBase64(text)).toThrow(TypeError)
    expect(() => fromBase64url(text)).toThrow(TypeError)
  })

  test('an error does not repeat what was to be read', () => {
    expect(() => fromBase64('canary-secret!')).toThrow(/^not base64$/)
  })
})

describe('base62', () => {
  test.each([
    [0, 1, '0'],
    [0, 6, '000000'],
    [61, 1, 'z'],
    [62, 2, '10'],
    [35, 2, '0Z'],
    [36, 2, '0a'],
    [4_294_967_295, 6, '4gfFC3'],
  ])('%d in %d digits is %s', (value, length, text) => {
    expect(base62(value, length)).toBe(text)
  })
})

describe('randomBase62', () => {
  test('has the length asked for and passes over bytes that would favour some digits', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 64 }),
        fc.infiniteStream(fc.nat({ max: 255 })),
        (length, stream) => {
          const drawn: number[] = []
          const text = randomBase62(length, (count) => {
            const next = Uint8Array.from({ length: count }, () => Number(stream.next().value))
            drawn.push(...next)
            return next
          })
          const digits = drawn.filter((byte) => byte < 248).map((byte) => base62(byte % 62, 1))
          expect(text).toBe(digits.slice(0, length).join(''))
          expect(text).toHaveLength(length)
        },
      ),
    )
  })
})
