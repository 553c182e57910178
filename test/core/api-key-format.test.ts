import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newApiKey, ORGANIZATION_ID, organizationOfApiKey } from '../../src/core/api-key-format.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const organizationId = fc.stringMatching(/^org_[0-9A-Za-z]{16}$/)
const seed = fc.infiniteStream(fc.nat({ max: 255 }))
const random = (bytes: Iterator<number>) => (count: number) =>
  Uint8Array.from({ length: count }, () => Number(bytes.next().value))

const newKey = fc
  .tuple(organizationId, seed)
  .map(([id, bytes]) => ({ id, key: newApiKey(id, random(bytes)) }))

describe('an API key', () => {
  test('is kw_ and 54 base-62 digits, and names its organization', () => {
    fc.assert(
      fc.property(newKey, ({ id, key }) => {
        expect(key).toMatch(/^kw_[0-9A-Za-z]{54}$/)
        expect(organizationOfApiKey(key)).toBe(id)
        expect(id).toMatch(ORGANIZATION_ID)
      }),
    )
  })

  test('is no key with any one character changed', () => {
    fc.assert(
      fc.property(newKey, fc.nat({ max: 53 }), fc.nat({ max: 61 }), ({ key }, at, digit) => {
        const changed = key.slice(0, 3 + at) + DIGITS.charAt(digit) + key.slice(4 + at)
        fc.pre(changed !== key)
        expect(organizationOfApiKey(changed)).toBeUndefined()
      }),
    )
  })

  test.each([
    ['nothing', () => ''],
    ['another prefix', (key: string) => `sk_${key.slice(3)}`],
    ['a management token', (key: string) => `kwm_${key.slice(3)}`],
    ['an upper-case prefix', (key: string) => `KW_${key.slice(3)}`],
    ['white space behind', (key: string) => `${key} `],
    ['a line break behind', (key: string) => `${key}\n`],
    ['white space before', (key: string) => ` ${key}`],
    ['one character less', (key: string) => key.slice(0, -1)],
    ['one character more', (key: string) => `${key}0`],
    ['itself twice', (key: string) => key + key],
    ['a digit of another alphabet', (key: string) => `${key.slice(0, 10)}٣${key.slice(11)}`],
    ['the prefix alone', () => 'kw_'],
    ['a very long one', () => `kw_${'0'.repeat(100_000)}`],
  ])('is not %s', (_, spoil) => {
    const key = newApiKey('org_0123456789abcdef', () => new Uint8Array(40))
    expect(organizationOfApiKey(key)).toBe('org_0123456789abcdef')
    expect(organizationOfApiKey(spoil(key))).toBeUndefined()
  })

  // An independent CRC-32 gave the checksum: keys in the field must stay keys.
  test('has the checksum that it always had', () => {
    expect(newApiKey('org_0123456789abcdef', () => new Uint8Array(40))).toBe(
      'kw_0123456789abcdef000000000000000000000000000000001ur9jv',
    )
  })
})
