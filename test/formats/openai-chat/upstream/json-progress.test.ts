import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonProgress } from '../../../../src/formats/openai-chat/upstream/json-progress.ts'

const progressOf = (...pieces: readonly string[]) => {
  const progress = jsonProgress()
  for (const piece of pieces) progress.add(piece)
  return progress
}

test('an object is whole at its last bracket, and not before', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue())
  fc.assert(
    fc.property(fc.oneof(object, fc.array(fc.jsonValue())), fc.nat(), (value, cut) => {
      const text = JSON.stringify(value)
      const at = cut % text.length
      expect(progressOf(text.slice(0, at)).isWhole()).toBe(false)
      expect(progressOf(text.slice(0, at), text.slice(at)).isWhole()).toBe(true)
      const units = Array.from({ length: text.length }, (_, unit) => text.charAt(unit))
      expect(progressOf(...units).isWhole()).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test.each(['', ' ', '\n\t', '5', 'true', '"}"', '"{}', '{"a":"}', '{"a":"\\"}'])(
  '%j is none that is whole',
  (text) => {
    expect(progressOf(text).isWhole()).toBe(false)
    expect(progressOf(text).isEmpty()).toBe(text.trim() === '')
  },
)
