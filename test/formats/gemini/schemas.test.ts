import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/parse.ts'
import { encodeJsonSchema } from '../../../src/formats/gemini/json-schema.ts'
import { encodeOpenApiSchema } from '../../../src/formats/gemini/openapi-schema.ts'
import { thrownBy } from '../../thrown-by.ts'
import { encode } from './fixtures.ts'

const json = (schema: JsonObject) => encodeJsonSchema(schema, 'tools.0')
const openApi = (schema: JsonObject, onCycle = () => {}) =>
  encodeOpenApiSchema(schema, 'tools.0', onCycle)

const address = { type: 'object', properties: { street: { type: 'string' } } }

describe('#32 JSON Schema', () => {
  test.each<[string, JsonObject]>([
    [
      'all that Google knows',
      {
        $id: 'a',
        type: 'object',
        title: 'T',
        description: 'D',
        properties: {
          a: { type: ['string', 'null'], format: 'email', enum: ['x', 'y'] },
          b: {
            type: 'array',
            items: { type: 'number', minimum: 1, maximum: 2 },
            minItems: 1,
            maxItems: 3,
          },
          c: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
          d: { oneOf: [{ type: 'integer' }, { type: 'boolean' }] },
          e: { type: 'array', prefixItems: [{ type: 'string' }] },
          f: { $ref: '#/$defs/F' },
        },
        required: ['a'],
        propertyOrdering: ['a', 'b'],
        additionalProperties: false,
        $defs: { F: { type: 'object', additionalProperties: { type: 'string' } } },
      },
    ],
    ['a circle', { type: 'object', properties: { next: { $ref: '#' } } }],
  ])('%s stays', (_, schema) => {
    const { a } = (schema['properties'] ?? {}) as { a?: object }
    // An enum takes no null beside it: see below.
    const expected =
      a === undefined
        ? schema
        : {
            ...schema,
            properties: {
              ...(schema['properties'] as object),
              a: { type: 'string', format: 'email', enum: ['x', 'y'] },
            },
          }
    expect(json(schema)).toEqual(expected)
  })

  test.each<[string, JsonObject, JsonObject]>([
    ['const', { const: 'x' }, { enum: ['x'] }],
    ['a number as const', { type: 'integer', const: 3 }, { type: 'integer', enum: [3] }],
    [
      'true as const',
      { type: 'boolean', const: true },
      { type: 'boolean', description: '(enum: [true])' },
    ],
    [
      'null in an enum',
      { type: ['string', 'null'], enum: ['x', null] },
      { anyOf: [{ type: 'string', enum: ['x'] }, { type: 'null' }] },
    ],
    ['nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    ['nothing but null', { type: 'null' }, { type: 'null' }],
    [
      'keywords that it does not know',
      {
        $schema: 's',
        $comment: 'c',
        type: 'string',
        description: 'Name',
        pattern: '^a',
        minLength: 1,
        default: 'a',
      },
      { type: 'string', description: 'Name (pattern: "^a"; minLength: 1; default: "a")' },
    ],
    [
      'a reference with siblings',
      { properties: { a: { $ref: '#/$defs/A', description: 'D' } }, $defs: { A: address } },
      {
        properties: { a: { anyOf: [{ $ref: '#/$defs/A' }], description: 'D' } },
        $defs: { A: address },
      },
    ],
    [
      'a reference alone in allOf',
      {
        properties: { a: { allOf: [{ $ref: '#/definitions/A' }], title: 'T' } },
        definitions: { A: address },
      },
      { properties: { a: { anyOf: [{ $ref: '#/$defs/A' }], title: 'T' } }, $defs: { A: address } },
    ],
    [
      'allOf',
      {
        allOf: [address, { $ref: '#/$defs/B' }],
        required: ['b'],
        $defs: { B: { properties: { b: {} }, required: ['street'] } },
      },
      {
        type: 'object',
        properties: { b: {}, street: { type: 'string' } },
        required: ['b', 'street'],
        $defs: { B: { properties: { b: {} }, required: ['street'] } },
      },
    ],
    [
      'a base that is used twice, one within the other',
      {
        allOf: [
          { $ref: '#/$defs/B' },
          { properties: { a: { allOf: [{ $ref: '#/$defs/B' }, {}] } } },
        ],
        $defs: { B: { properties: { b: {} } } },
      },
      {
        properties: { a: { properties: { b: {} } }, b: {} },
        $defs: { B: { properties: { b: {} } } },
      },
    ],
    [
      'a name for a place',
      { properties: { a: { $ref: '#place' } } },
      { properties: { a: { $ref: '#place' } } },
    ],
    [
      'a root that is a reference',
      { $ref: '#/$defs/A', $defs: { A: address } },
      { ...address, $defs: { A: address } },
    ],
    [
      'a list of items',
      { type: 'array', items: [{ type: 'string' }] },
      { type: 'array', prefixItems: [{ type: 'string' }] },
    ],
    [
      'true and false',
      { properties: { a: true, b: false }, items: false },
      { properties: { a: {}, b: {} } },
    ],
    [
      'a property by a bad name',
      { properties: JSON.parse('{"__proto__":{"const":1}}') as JsonObject },
      { properties: JSON.parse('{"__proto__":{"enum":[1]}}') as JsonObject },
    ],
  ])('%s is put in other words', (_, schema, expected) => {
    expect(json(schema)).toEqual(expected)
  })
})

test.each<[JsonObject]>([
  [{ $ref: '#' }],
  [{ $ref: '#/$defs/A', $defs: { A: { $ref: '#/$defs/B' }, B: { $ref: '#/$defs/A' } } }],
])('%j is nothing but itself', (schema) => {
  expect(thrownBy(() => json(schema))).toMatchObject({
    code: 'invalid_request',
    details: { param: 'tools.0' },
  })
  let cycles = 0
  expect(openApi(schema, () => void cycles++)).toEqual({ type: 'OBJECT' })
  expect(cycles).toBe(1)
})

describe('#32 the part of OpenAPI that older models know', () => {
  test.each<[string, JsonObject, JsonObject]>([
    [
      'a plain object',
      { ...address, required: ['street', 'ghost'], additionalProperties: false },
      { type: 'OBJECT', properties: { street: { type: 'STRING' } }, required: ['street'] },
    ],
    ['const', { type: 'string', const: 'x' }, { type: 'STRING', enum: ['x'] }],
    [
      'an enum of numbers',
      { type: 'integer', enum: [1, 2] },
      { type: 'INTEGER', description: '(enum: [1,2])' },
    ],
    [
      'null in an enum',
      { type: 'string', enum: ['x', null] },
      { type: 'STRING', enum: ['x'], nullable: true },
    ],
    ['two types', { type: ['string', 'null'] }, { type: 'STRING', nullable: true }],
    [
      'three types',
      { type: ['string', 'number', 'null'], description: 'D' },
      { description: 'D', anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }], nullable: true },
    ],
    [
      'a choice with null',
      { anyOf: [{ type: 'string', minLength: 1 }, { type: 'null' }], description: 'D' },
      { type: 'STRING', minLength: 1, description: 'D', nullable: true },
    ],
    [
      'oneOf',
      { oneOf: [{ type: 'string' }, address] },
      {
        anyOf: [{ type: 'STRING' }, { type: 'OBJECT', properties: { street: { type: 'STRING' } } }],
      },
    ],
    ['a list of anything', { type: 'array' }, { type: 'ARRAY', items: { type: 'STRING' } }],
    [
      'a list',
      { type: 'array', items: { type: 'integer', format: 'int32' }, maxItems: 2 },
      { type: 'ARRAY', items: { type: 'INTEGER', format: 'int32' }, maxItems: 2 },
    ],
    [
      'a format',
      { type: 'string', format: 'email' },
      { type: 'STRING', description: '(format: "email")' },
    ],
    [
      'a map',
      { type: 'object', additionalProperties: { type: 'string' } },
      { type: 'OBJECT', description: '(additionalProperties: {"type":"string"})' },
    ],
    [
      'references',
      {
        type: 'object',
        properties: { a: { $ref: '#/$defs/A', description: 'D' }, b: { $ref: '#/$defs/A' } },
        $defs: { A: address },
      },
      {
        type: 'OBJECT',
        properties: {
          a: { type: 'OBJECT', description: 'D', properties: { street: { type: 'STRING' } } },
          b: { type: 'OBJECT', properties: { street: { type: 'STRING' } } },
        },
      },
    ],
    [
      'allOf',
      { allOf: [{ $ref: '#/$defs/A' }], $defs: { A: address } },
      { type: 'OBJECT', properties: { street: { type: 'STRING' } } },
    ],
    [
      'a name with a slash',
      { $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': { type: 'string' } } },
      { type: 'STRING' },
    ],
  ])('%s', (_, schema, expected) => {
    expect(openApi(schema)).toEqual(expected)
  })

  const circle = { type: 'object', properties: { next: { $ref: '#' }, name: { type: 'string' } } }

  test('a circle is refused, or cut off for those who put up with it', () => {
    const tools = [{ name: 'look', parameters: circle }]
    expect(thrownBy(() => encode({ tools }, 'gemini-2.0-flash'))).toMatchObject({
      code: 'unsupported_parameter',
      message: expect.stringContaining('contains itself') as string,
      details: { param: 'tools' },
    })
    const { body } = encode({ tools }, 'gemini-2.0-flash', 'lenient')
    const name = { type: 'STRING' }
    expect(body.tools?.[0]?.functionDeclarations?.[0]?.parameters?.['properties']).toEqual({
      next: { type: 'OBJECT', properties: { next: { type: 'OBJECT' }, name } },
      name,
    })
  })
})

describe.each([
  ['JSON Schema', json],
  ['OpenAPI', openApi],
])('what cannot be walked is refused: %s', (_, encodeSchema) => {
  const nested = (depth: number): JsonObject => {
    let schema: JsonObject = {}
    for (let at = 0; at < depth; at++) schema = { items: schema, type: 'array' }
    return schema
  }
  // Each level asks twice for the next one.
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (__, at) => [
      `L${at}`,
      {
        allOf: [
          { $ref: '#/$defs/X' },
          {
            properties: {
              a: { allOf: [{ $ref: `#/$defs/L${at + 1}` }, {}] },
              b: { allOf: [{ $ref: `#/$defs/L${at + 1}` }, {}] },
            },
          },
        ],
      },
    ]),
  )

  test.each<[string, JsonObject]>([
    ['too deep', nested(1_000)],
    ['far too deep', nested(100_000)],
    ['another document', { properties: { a: { $ref: 'https://example.com/schema' } } }],
    ['nowhere', { properties: { a: { $ref: '#/$defs/Missing' } } }],
    ['a prototype', { properties: { a: { $ref: '#/__proto__' } } }],
    ['a bad escape', { properties: { a: { $ref: '#/%E0%A4%A' } } }],
    [
      'itself in allOf',
      {
        $defs: { A: { properties: { a: { allOf: [{ $ref: '#/$defs/A' }, {}] } } } },
        allOf: [{ $ref: '#/$defs/A' }, {}],
      },
    ],
    [
      'more and more',
      {
        properties: { a: { allOf: [{ $ref: '#/$defs/L0' }, {}] } },
        $defs: { ...doubling, L40: {}, X: {} },
      },
    ],
  ])('%s', (__, schema) => {
    expect(thrownBy(() => encodeSchema(schema))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'tools.0' },
    })
  })
})
