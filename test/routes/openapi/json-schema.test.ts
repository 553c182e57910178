import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { providerCatalog } from '../../../src/providers/catalog.ts'
import { dataPlaneOperations } from '../../../src/routes/openapi/data-plane.ts'
import { jsonSchemaOf } from '../../../src/routes/openapi/json-schema.ts'
import { managementOperations } from '../../../src/routes/openapi/management.ts'

const operations = [...dataPlaneOperations, ...managementOperations(providerCatalog.names)]

const schemas = operations.flatMap(({ method, path, request, answer }) =>
  [
    { name: `what ${method} ${path} takes`, direction: 'input' as const, schema: request },
    { name: `what ${method} ${path} answers`, direction: 'output' as const, schema: answer.schema },
  ].flatMap(({ schema, ...more }) =>
    schema instanceof z.ZodMiniType ? [{ ...more, schema }] : [],
  ),
)

describe('a schema is described as its library would', () => {
  test('of all operations that have one', () => {
    expect(schemas.length).toBeGreaterThan(30)
  })

  test.each(schemas)('$name', ({ schema, direction }) => {
    const { $schema: _, ...described } = z.toJSONSchema(schema, {
      io: direction,
      unrepresentable: 'any',
    })
    expect(jsonSchemaOf(schema, direction)).toEqual(described)
  })
})

test('a kind of schema that is not known is not passed over', () => {
  expect(() => jsonSchemaOf(z.date(), 'input')).toThrow('kind date')
})
