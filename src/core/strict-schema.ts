import type { OutputFormat, Tool } from './chat.ts'
import type { Compat } from './compat.ts'
import { isObject, type JsonObject } from './parse.ts'

/** A tool's wish to be strict, as OpenAI can take it; told to the caller where it cannot. */
export function strictnessOf({ strict, parameters }: Tool, compat: Compat): boolean | undefined {
  if (strict !== true || parameters === undefined || isStrictlyClosed(parameters)) return strict
  compat.changed('strict')
  return false
}

/** Whether a target is told to hold an answer to its schema, which OpenAI does to closed ones only. */
export function formatStrictness(
  { strict, schema }: Extract<OutputFormat, { kind: 'json-schema' }>,
  compat: Compat,
): boolean | undefined {
  if (strict !== true || isStrictlyClosed(schema)) return strict
  compat.changed('response_format', 'loosened')
  return false
}

/**
 * Whether a schema is what OpenAI means by strict: an object, closed as every object in it is, with all of its properties
 * required, nothing composed but by `anyOf`, and each part told by words that OpenAI knows. Elsewhere more is allowed; OpenAI
 * refuses the whole request for one that is not.
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function isStrictlyClosed(schema: JsonObject, depth = 0): boolean {
  if (depth > MAX_DEPTH || !isInKnownWords(schema)) return false
  const { type, properties, required, additionalProperties } = schema
  if (depth === 0 && (type !== 'object' || schema['anyOf'] !== undefined)) return false
  const isAnObject = [type].flat().includes('object') || properties !== undefined
  if (isAnObject) {
    const names = isObject(properties) ? Object.keys(properties) : []
    const given: readonly unknown[] = Array.isArray(required) ? required : []
    if (additionalProperties !== false || !names.every((name) => given.includes(name))) return false
  }
  return partsOf(schema).every((part) => !isObject(part) || isStrictlyClosed(part, depth + 1))
}

/** A reference stands alone, and whatever else there is says what it is. */
function isInKnownWords(schema: JsonObject): boolean {
  if (Object.hasOwn(schema, '$ref')) return Object.keys(schema).length === 1
  const { format } = schema
  return (
    KINDS.some((keyword) => Object.hasOwn(schema, keyword)) &&
    !UNKNOWN.some((keyword) => Object.hasOwn(schema, keyword)) &&
    (format === undefined || FORMATS.has(format))
  )
}

/** As deep as OpenAI lets schemas be, and some more. */
const MAX_DEPTH = 32

/** Keywords that are refused in a strict schema. */
const UNKNOWN = [
  'default',
  'allOf',
  'oneOf',
  'not',
  'if',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
]

/** Keywords that say what a value is. */
const KINDS = ['type', 'anyOf', 'enum', 'const']

/** All formats of strings that a strict schema may name. */
const FORMATS: ReadonlySet<unknown> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
])

/** The schemas within a schema. */
function partsOf({ properties, $defs, definitions, items, anyOf }: JsonObject): unknown[] {
  const maps = [properties, $defs, definitions]
    .filter(isObject)
    .flatMap((map) => Object.values(map))
  const lists = [items, anyOf].flatMap((one): unknown[] => (Array.isArray(one) ? one : [one]))
  return [...maps, ...lists]
}
