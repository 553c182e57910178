import { expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/parse.ts'
import { isStrictSchema } from '../../../src/formats/bedrock-converse/strict-schema.ts'

const closed = { type: 'object', additionalProperties: false }

function nested(depth: number): JsonObject {
  let schema: JsonObject = { type: 'string' }
  for (let at = 0; at < depth; at++) schema = { type: 'array', items: schema }
  return schema
}

test.each<[boolean, JsonObject]>([
  [true, {}],
  [true, { type: 'string', enum: ['a'], format: 'date' }],
  [true, { ...closed, properties: { a: { type: ['integer', 'null'] } }, required: ['a'] }],
  [true, { type: 'array', items: { ...closed } }],
  [true, { ...closed, properties: { a: { $ref: '#/$defs/A' } }, $defs: { A: closed } }],
  [true, { anyOf: [closed, { type: 'null' }] }],
  [true, nested(20)],
  [false, { type: 'object' }],
  [false, { properties: { a: {} } }],
  [false, { ...closed, additionalProperties: {} }],
  [false, { ...closed, properties: { a: { type: 'object' } } }],
  [false, { ...closed, properties: { a: { type: 'integer', minimum: 1 } } }],
  [false, { ...closed, properties: { a: true } }],
  [false, { ...closed, properties: [] }],
  [false, { type: 'array', items: [closed] }],
  [false, { anyOf: [{ type: 'object' }] }],
  [false, { anyOf: {} }],
  [false, { ...closed, $defs: { A: { type: 'string', pattern: 'a' } } }],
  [false, { oneOf: [closed] }],
  [false, nested(100)],
])('%s: %j', (isStrict, schema) => {
  expect(isStrictSchema(schema)).toBe(isStrict)
})
