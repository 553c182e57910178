import * as z from 'zod/mini'
import type { $ZodChecks, $ZodType, $ZodTypes } from 'zod/v4/core'
import type { JsonSchema } from './operation.ts'

/** What a caller sends, or what an answer holds: they differ in what may be left out. */
export type Direction = 'input' | 'output'

/**
 * A schema that validates, as JSON Schema 2020-12. The library's own generator knows every kind of schema there is, which is
 * 21 KB of the bundle; a test compares this one with it on every schema that is used.
 * https://zod.dev/packages/core
 */
export function jsonSchemaOf(schema: $ZodType, direction: Direction): JsonSchema {
  const description = z.globalRegistry.get(schema)?.description
  const own = kindOf(schema, direction)
  return description === undefined ? own : { ...own, description }
}

function kindOf(schema: $ZodType, direction: Direction): JsonSchema {
  const def = definitionOf(schema)
  const of = (inner: $ZodType): JsonSchema => jsonSchemaOf(inner, direction)
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- kinds that are used nowhere are an error
  switch (def.type) {
    case 'string':
      return { type: 'string', ...constraintsOf(schema, 'Length') }
    case 'number':
      return { type: 'number', ...constraintsOf(schema, '') }
    case 'boolean':
      return { type: 'boolean' }
    case 'unknown':
      return {}
    case 'enum':
      return { type: 'string', enum: Object.values(def.entries) }
    case 'array':
      return { type: 'array', items: of(def.element), ...constraintsOf(schema, 'Items') }
    case 'record':
      return {
        type: 'object',
        propertyNames: of(def.keyType),
        additionalProperties: of(def.valueType),
      }
    case 'object':
      return { type: 'object', ...membersOf(def, direction) }
    case 'union':
      return anyOf(def.options.map(of))
    case 'nullable':
      return anyOf([of(def.innerType), { type: 'null' }])
    case 'optional':
      return of(def.innerType)
    case 'default':
      return { ...of(def.innerType), default: def.defaultValue }
    default:
      throw new TypeError(`A schema of the kind ${def.type} has no description yet.`)
  }
}

/** Types and nothing else can stand in one list. */
function anyOf(options: readonly JsonSchema[]): JsonSchema {
  const isBare = options.every(
    ({ type, ...rest }) => type !== undefined && Object.keys(rest).length === 0,
  )
  return isBare ? { type: options.map(({ type }) => type) } : { anyOf: options }
}

type Definition = $ZodTypes['_zod']['def']

function definitionOf({ _zod: { def } }: $ZodType): Definition {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the library's union of all kinds there are
  return def as Definition
}

type ObjectDefinition = Extract<Definition, { readonly type: 'object' }>

function membersOf({ shape, catchall }: ObjectDefinition, direction: Direction): JsonSchema {
  const members = Object.entries(shape)
  const isRequired = ({ _zod: { optin, optout } }: $ZodType): boolean =>
    (direction === 'input' ? optin : optout) === undefined
  const required = members.filter(([, member]) => isRequired(member)).map(([name]) => name)
  const isClosed =
    catchall === undefined ? direction === 'output' : definitionOf(catchall).type === 'never'
  return {
    properties: Object.fromEntries(
      members.map(([name, member]) => [name, jsonSchemaOf(member, direction)]),
    ),
    ...(required.length === 0 ? {} : { required }),
    ...(isClosed ? { additionalProperties: false } : {}),
    ...(catchall === undefined || isClosed
      ? {}
      : { additionalProperties: jsonSchemaOf(catchall, direction) }),
  }
}

/** What the checks of a schema say that JSON Schema has a word for. A format such as an integer is a schema and a check in one. */
function constraintsOf(schema: $ZodType, ofWhat: '' | 'Length' | 'Items'): JsonSchema {
  const least = ofWhat === '' ? 'minimum' : `min${ofWhat}`
  const most = ofWhat === '' ? 'maximum' : `max${ofWhat}`
  const said = checksOf(schema).map((check) => Object.entries(constraintOf(check, least, most)))
  return Object.fromEntries(said.flat())
}

function checksOf(schema: $ZodType): readonly $ZodChecks[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the library's union of all checks there are
  return [schema, ...(definitionOf(schema).checks ?? [])] as unknown as readonly $ZodChecks[]
}

function constraintOf({ _zod: { def } }: $ZodChecks, least: string, most: string): JsonSchema {
  if (def.check === 'min_length') return { [least]: def.minimum }
  if (def.check === 'max_length') return { [most]: def.maximum }
  if (def.check === 'greater_than') return { [least]: def.value }
  if (def.check === 'less_than') return { [most]: def.value }
  if (def.check === 'number_format') {
    return { type: 'integer', [least]: Number.MIN_SAFE_INTEGER, [most]: Number.MAX_SAFE_INTEGER }
  }
  if (def.check !== 'string_format') return {}
  return {
    ...(def.format === 'datetime' ? { format: 'date-time' } : {}),
    ...(def.pattern === undefined ? {} : { pattern: def.pattern.source }),
  }
}
