import type { OutputFormat, Tool } from './chat.ts'
import type { Compat } from './compat.ts'
import { isObject, type JsonObject } from './parse.ts'

/** A tool's wish to be strict, as OpenAI can take it; told to the caller where it cannot. */
export function strictnessOf({ strict, parameters }: Tool, compat: Compat): boolean | undefined {
  if (strict !== true || parameters === undefined || isStrictlyClosed(parameters)) return strict
  compat.changed('strict')
  return false
}

/** The same of the form of an answer. */
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
 * required, and nothing composed but by `anyOf`. Elsewhere properties may be left out; OpenAI refuses the whole request for one.
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function isStrictlyClosed(schema: JsonObject, depth = 0): boolean {
  if (depth > MAX_DEPTH || UNKNOWN.some((keyword) => Object.hasOwn(schema, keyword))) return false
  const { type, properties, required, additionalProperties } = schema
  if (depth === 0 && (type !== 'object' || schema['anyOf'] !== undefined)) return false
  const isAnObject = type === 'object' || properties !== undefined
  if (isAnObject) {
    const names = isObject(properties) ? Object.keys(properties) : []
    const given: readonly unknown[] = Array.isArray(required) ? required : []
    if (additionalProperties !== false || !names.every((name) => given.includes(name))) return false
  }
  return partsOf(schema).every((part) => !isObject(part) || isStrictlyClosed(part, depth + 1))
}

/** As deep as OpenAI lets schemas be, and some more. */
const MAX_DEPTH = 32

/** Keywords that are refused in a strict schema. */
const UNKNOWN = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
]

/** The schemas within a schema. */
function partsOf({ properties, $defs, definitions, items, anyOf }: JsonObject): unknown[] {
  const maps = [properties, $defs, definitions]
    .filter(isObject)
    .flatMap((map) => Object.values(map))
  const lists = [items, anyOf].flatMap((one): unknown[] => (Array.isArray(one) ? one : [one]))
  return [...maps, ...lists]
}
