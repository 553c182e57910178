import { expect, test } from 'vitest'
import { isStrictlyClosed } from '../../src/core/strict-schema.ts'

const closed = (properties: object, required = Object.keys(properties)): object => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const text = { type: 'string' }

test.each([
  [true, closed({})],
  [true, closed({ a: text })],
  [true, closed({ a: { type: 'array', items: closed({ b: text }) } })],
  [true, { ...closed({ a: { $ref: '#/$defs/x' } }), $defs: { x: closed({ b: text }) } }],
  [true, closed({ required: text, a: { anyOf: [text, { type: 'null' }] } })],
  [false, text],
  [false, { anyOf: [closed({})] }],
  [false, { ...closed({}), anyOf: [closed({})] }],
  [false, closed({ a: { allOf: [text] } })],
  [false, closed({ a: { oneOf: [text] } })],
  [true, closed({ not: text, allOf: text })],
  [false, { type: 'object', properties: { a: text } }],
  [false, closed({ a: text }, [])],
  [false, { type: 'object', properties: {}, required: [] }],
  [false, closed({ a: { type: 'object', properties: { b: text } } })],
  [false, closed({ a: { type: 'array', items: { type: 'object' } } })],
  [false, closed({ a: { anyOf: [text, closed({ b: text }, [])] } })],
  [false, { ...closed({ a: { $ref: '#/$defs/x' } }), $defs: { x: closed({ b: text }, []) } }],
  [false, closed({ a: { ...text, default: 'b' } })],
  [true, closed({ default: text, format: text, $ref: text })],
  [true, closed({ a: { ...text, format: 'date-time' }, b: { ...text, format: 'uuid' } })],
  [false, closed({ a: { ...text, format: 'uri' } })],
  [false, { ...closed({ a: { $ref: '#/$defs/x', description: 'x' } }), $defs: { x: text } }],
  [false, closed({ a: {} })],
  [false, closed({ a: { description: 'anything' } })],
  [true, closed({ a: { enum: ['b'] }, c: { const: 'd' } })],
  [false, closed({ a: { type: ['object', 'null'] } })],
  [true, closed({ a: { ...closed({ b: text }), type: ['object', 'null'] } })],
])('%s: %j', (expected, schema) => {
  expect(isStrictlyClosed({ ...schema })).toBe(expected)
})

test('a schema without an end is not', () => {
  const schema: Record<string, unknown> = closed({}) as Record<string, unknown>
  schema['items'] = schema
  expect(isStrictlyClosed(schema)).toBe(false)
})
