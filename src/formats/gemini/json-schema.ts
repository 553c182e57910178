import { invalidRequest } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import { describe, type Hint, MUTE_KEYWORDS, typesOf, valuesOf } from './schema-keywords.ts'
import {
  deeper,
  resolveRef,
  startWalk,
  type Trail,
  type Walk,
  withoutAllOf,
} from './schema-walk.ts'

/**
 * A JSON Schema as newer models take it: as it came, less the keywords that Google does not know. Those are told to the model in
 * the description. Throws `invalid_request` for one that refers to what is not in it.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/FunctionDeclaration (parametersJsonSchema)
 */
export function encodeJsonSchema(schema: JsonObject, path: string): JsonObject {
  const { walk, trail } = startWalk(schema, path)
  return encodeNode(withoutRef(schema, walk), walk, trail)
}

/** Nothing may stand beside a reference, and a root has more to say than that. */
function withoutRef(root: JsonObject, walk: Walk): JsonObject {
  const seen = new Set<unknown>()
  let schema = root
  for (let ref = schema['$ref']; typeof ref === 'string'; ref = schema['$ref']) {
    if (seen.has(ref)) {
      throw invalidRequest(`The schema in ${walk.path} is nothing but itself.`, walk.path)
    }
    seen.add(ref)
    const { $ref: _, ...own } = schema
    schema = { ...resolveRef(ref, walk), ...own }
  }
  return schema
}

const KEPT: ReadonlySet<string> = new Set([
  '$anchor',
  '$id',
  'format',
  'maxItems',
  'maximum',
  'minItems',
  'minimum',
  'propertyOrdering',
  'required',
  'title',
])
const HANDLED: ReadonlySet<string> = new Set([
  'const',
  'description',
  'enum',
  'items',
  'nullable',
  'type',
])

function encodeNode(node: unknown, walk: Walk, way: Trail): JsonObject {
  if (!isObject(node)) return {}
  const trail = deeper(walk, way)
  const schema = withoutAllOf(withoutLoneAllOf(node), walk)
  const { $ref, ...beside } = schema
  if (typeof $ref === 'string') return encodeReference($ref, beside, walk, trail)
  const inner = (one: unknown): JsonObject => encodeNode(one, walk, trail)
  const entries: (readonly [string, unknown])[] = []
  const hints: Hint[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    const encoded = KEPT.has(keyword)
      ? ([keyword, value] as const)
      : encodeInner(keyword, value, inner)
    if (encoded !== undefined) entries.push(encoded)
    else if (!MUTE_KEYWORDS.has(keyword) && !HANDLED.has(keyword)) hints.push([keyword, value])
  }
  const { values = [], isNullable = false } = valuesOf(schema) ?? {}
  const isPlain = values.every((value) => typeof value === 'string' || typeof value === 'number')
  if (!isPlain) hints.push(['enum', values])
  const description = describe(schema['description'], hints)
  return {
    ...(description === undefined ? {} : { description }),
    ...Object.fromEntries(entries),
    ...encodeType(schema, isPlain ? values : [], isNullable || schema['nullable'] === true),
  }
}

/** What refers to one schema and adds to it is often written so, and need not be written out. */
function withoutLoneAllOf(schema: JsonObject): JsonObject {
  const { allOf, ...own } = schema
  const isLone = Array.isArray(allOf) && allOf.length === 1
  const isAlone = !('properties' in own || 'anyOf' in own || 'oneOf' in own || '$ref' in own)
  return isLone && isAlone ? { ...own, anyOf: allOf } : schema
}

/** To Google, null is a type of its own and no value of an `enum`. */
function encodeType(
  schema: JsonObject,
  values: readonly unknown[],
  isNullable: boolean,
): JsonObject {
  const all = typesOf(schema)
  const types = all.filter((type) => type !== 'null')
  const own = types.length === 0 ? {} : { type: types.length === 1 ? types[0] : types }
  const canBeNull = isNullable || types.length < all.length
  if (values.length > 0) {
    const choice = { ...own, enum: values }
    return isNullable ? { anyOf: [choice, { type: 'null' }] } : choice
  }
  if (!canBeNull) return own
  return types.length === 0
    ? all.length === 0
      ? {}
      : { type: 'null' }
    : { type: [...types, 'null'] }
}

/** Beside a reference, Google takes nothing but what starts with a `$`. */
function encodeReference(ref: string, beside: JsonObject, walk: Walk, trail: Trail): JsonObject {
  // Names that are not paths are Google's to find.
  if (!/^#[^/]/.test(ref)) resolveRef(ref, walk)
  const $ref = ref.replace(/^#\/definitions\//, '#/$defs/')
  const encoded = encodeNode(beside, walk, trail)
  const isAlone = Object.keys(encoded).every((keyword) => keyword.startsWith('$'))
  return isAlone ? { ...encoded, $ref } : { anyOf: [{ $ref }], ...encoded }
}

/** A keyword that holds schemas; undefined for any other. */
function encodeInner(
  keyword: string,
  value: unknown,
  inner: (schema: unknown) => JsonObject,
): readonly [string, unknown] | undefined {
  switch (keyword) {
    case 'properties':
    case '$defs':
    case 'definitions': {
      if (!isObject(value)) return undefined
      const named = Object.entries(value).map(([name, schema]) => [name, inner(schema)] as const)
      return [keyword === 'definitions' ? '$defs' : keyword, Object.fromEntries(named)]
    }
    case 'anyOf':
    case 'oneOf':
    case 'prefixItems':
      return Array.isArray(value) ? [keyword, value.map(inner)] : undefined
    case 'items':
      if (Array.isArray(value)) return ['prefixItems', value.map(inner)]
      return isObject(value) ? [keyword, inner(value)] : undefined
    case 'additionalProperties':
      return [keyword, isObject(value) ? inner(value) : value]
    default:
      return undefined
  }
}
