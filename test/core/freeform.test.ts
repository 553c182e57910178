import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { freeformReader, freeformInput, freeformArguments } from '../../src/core/freeform.ts'

const piecewise = (text: string, sizes: readonly number[]): readonly string[] => {
  const reader = freeformReader()
  const pieces: string[] = []
  let at = 0
  for (let turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    pieces.push(reader.next(text.slice(at, at + size)))
    at += size
  }
  return [...pieces, reader.end()]
}

describe('the text of a freeform call', () => {
  test.each([
    ['{"input":"*** Begin Patch\\n+a\\n"}', '*** Begin Patch\n+a\n'],
    [' {\n "input" : "a" , "other": 1 } ', 'a'],
    ['{"input":"a \\"quoted\\" \\\\ one"}', 'a "quoted" \\ one'],
    ['{"input":"\\ud83d\\ude00 \\u00e9"}', '😀 é'],
    ['{"input":""}', ''],
    // Cut off, between characters and within an escape.
    ['{"input":"abc', 'abc'],
    ['{"input":"abc\\u00', 'abc'],
    ['{"inp', ''],
    ['', ''],
    // What models write instead.
    ['{"input":"line one\nline two\\t"}', 'line one\nline two\t'],
    ['{"patch":"a"}', 'a'],
    ['{"other":1,"input":"a"}', 'a'],
    ['{"in put":"a"}', 'a'],
    ['{"a":"b","c":"d"}', '{"a":"b","c":"d"}'],
    ['{"input":7}', '{"input":7}'],
    ['"text"', 'text'],
    ['*** Begin Patch', '*** Begin Patch'],
    ['{}', ''],
  ])('of %j is %j, whole and a character at a time', (json, text) => {
    expect(freeformInput(json)).toBe(text)
    expect(piecewise(json, [1]).join('')).toBe(text)
  })

  test('comes as soon as it can be read', () => {
    expect(piecewise('{"input":"ab\\n\\u00e9c"}', [11, 1, 1, 1, 5, 2, 1])).toEqual([
      'a',
      'b',
      '',
      '\n',
      '',
      'éc',
      '',
      '',
      '',
    ])
  })

  test('is never shown half a character', () => {
    for (const piece of piecewise('{"input":"\\ud83d\\ude00😀"}', [1])) {
      expect(piece.isWellFormed()).toBe(true)
    }
  })

  test('goes in and out unharmed, however it is cut', () => {
    const text = fc.string({ unit: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\\"')) })
    fc.assert(
      fc.property(
        text,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (one, sizes) => {
          expect(freeformInput(freeformArguments(one))).toBe(one)
          expect(piecewise(freeformArguments(one), sizes).join('')).toBe(one)
        },
      ),
    )
  })
})
