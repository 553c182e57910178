import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { callersToolName } from '../../src/core/callers-tool-name.ts'
import { plainName } from '../../src/core/plain-name.ts'

describe('a tool name', () => {
  test.each(['get_weather', 'a', 'A-1_b', 'x'.repeat(64)])('%s that is plain stays', (name) => {
    expect(plainName(name, 64)).toBe(name)
  })

  test.each(['weather.get', '', 'größe', 'x'.repeat(65), 'a b'])(
    '%j that is not becomes plain, and is found again',
    (name) => {
      const plain = plainName(name, 64)
      expect(plain).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
      expect(callersToolName([{ name: 'other' }, { name }], 64)(plain)).toBe(name)
    },
  )

  test('is unlike another that differs from it in strange characters only', () => {
    expect(plainName('a.b', 64)).not.toBe(plainName('a:b', 64))
  })

  test('of any kind becomes plain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(plainName(name, 20)).toMatch(/^[a-zA-Z0-9_-]{1,20}$/)
      }),
    )
  })

  test('that nobody renamed is left as it is', () => {
    expect(callersToolName([{ name: 'weather.get' }], 64)('made_up')).toBe('made_up')
  })
})
