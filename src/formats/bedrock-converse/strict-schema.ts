import { isObject, type JsonObject } from '../../core/parse.ts'

const MAX_DEPTH = 50

/** What Bedrock holds a model to. Others of these keywords say nothing about values. */
const SUPPORTED: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$ref',
  '$defs',
  'definitions',
  'type',
  'title',
  'description',
  'default',
  'enum',
  'const',
  'format',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'allOf',
])

/**
 * Whether a schema is in the part of JSON Schema that answers can be held to: every object closed, no limits of numbers,
 * lengths or counts. Schemas outside of it are refused, and so not sent to be held to.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html
 */
export function isStrictSchema(schema: JsonObject, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false
  if (!Object.keys(schema).every((keyword) => SUPPORTED.has(keyword))) return false
  const { type, properties = {}, $defs = {}, definitions = {} } = schema
  const { anyOf = [], allOf = [], additionalProperties } = schema
  const isOfObjects = type === 'object' || 'properties' in schema
  if (isOfObjects && additionalProperties !== false) return false
  const within = [properties, $defs, definitions].flatMap((map) =>
    isObject(map) ? Object.values(map) : [undefined],
  )
  const lists = [anyOf, allOf].flatMap((list: unknown): unknown[] =>
    Array.isArray(list) ? list : [undefined],
  )
  const items = 'items' in schema ? [schema['items']] : []
  return [...within, ...lists, ...items].every(
    (one) => isObject(one) && isStrictSchema(one, depth + 1),
  )
}
