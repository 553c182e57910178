import { expect, test } from 'vitest'
import { inBase64 } from '../../../src/formats/openai-embeddings/in-base64.ts'

const row = (embedding: unknown, index = 0) => ({ object: 'embedding', index, embedding })

test('numbers become little-endian floats in base64, and nothing else changes', () => {
  const answer = { object: 'list', data: [row([1, -0.5]), row('AACAPw==', 1)], model: 'm', own: 1 }
  const coded = JSON.parse(inBase64(JSON.stringify(answer)))
  expect(coded).toEqual({ ...answer, data: [row('AACAPwAAAL8='), row('AACAPw==', 1)] })
})

test.each(['{ "data": [ {"embedding":"AACAPw=="} ] }', '{"data":7}', '{"error":{}}', '[]', '{'])(
  '%s stays as it came',
  (text) => {
    expect(inBase64(text)).toBe(text)
  },
)

test('what is no list of numbers is no embedding', () => {
  const text = JSON.stringify({ data: [row([1, 'x'])] })
  expect(() => inBase64(text)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
})
