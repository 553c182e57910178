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
 * A JSON Schema as older models take it: the part of OpenAPI 3.0's that Google knows, with references written out. What has no
 * place in it is told to the model in the description. `onCycle` is called where a schema contains itself, and returns where it
 * may be cut off there.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Schema
 */
export function encodeOpenApiSchema(
  schema: JsonObject,
  path: string,
  onCycle: () => void,
): JsonObject {
  const { walk, trail } = startWalk(schema, path)
  return encodeNode(schema, { ...walk, onCycle }, trail)
}

interface CyclicWalk extends Walk {
  readonly onCycle: () => void
}

const KEPT: ReadonlySet<string> = new Set([
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'pattern',
  'propertyOrdering',
  'title',
])
const FORMATS: ReadonlySet<unknown> = new Set(['date-time', 'double', 'float', 'int32', 'int64'])
const HANDLED: ReadonlySet<string> = new Set([
  '$anchor',
  '$defs',
  '$id',
  'additionalProperties',
  'anyOf',
  'const',
  'definitions',
  'description',
  'enum',
  'items',
  'nullable',
  'oneOf',
  'properties',
  'required',
  'type',
])

function encodeNode(node: unknown, walk: CyclicWalk, way: Trail): JsonObject {
  if (!isObject(node)) return {}
  const trail = deeper(walk, way)
  const schema = withoutAllOf(node, walk)
  const { $ref, ...beside } = schema
  const { anyOf, oneOf, ...own } = beside
  const inner = (one: unknown): JsonObject => encodeNode(one, walk, trail)
  if (typeof $ref === 'string') {
    const target = resolveRef($ref, walk)
    if (trail.refs.includes($ref)) {
      walk.onCycle()
      return { type: 'OBJECT' }
    }
    return encodeNode({ ...target, ...beside }, walk, { ...trail, refs: [...trail.refs, $ref] })
  }
  const types = typesOf(schema).filter((type) => type !== 'null')
  const variants = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : []
  const choices = variants.length > 0 ? variants : types.length > 1 ? types.map(schemaOfType) : []
  const real = choices.filter((choice) => !isNull(choice))
  const nullable = isNullable(schema, variants) ? { nullable: true } : {}
  if (real.length === 1) {
    const only = isObject(real[0]) ? real[0] : {}
    return { ...inner({ ...only, ...own }), ...nullable }
  }
  return {
    ...(types.length === 1 ? { type: String(types[0]).toUpperCase() } : {}),
    ...encodeKeywords(schema),
    ...(real.length === 0 ? {} : { anyOf: real.map(inner) }),
    ...encodeProperties(schema, inner),
    ...(types.length === 1 && types[0] === 'array' ? { items: encodeItems(schema, inner) } : {}),
    ...nullable,
  }
}

const schemaOfType = (type: unknown): JsonObject => ({ type })
const isNull = (schema: unknown): boolean => isObject(schema) && schema['type'] === 'null'

function isNullable(schema: JsonObject, variants: readonly unknown[]): boolean {
  return (
    schema['nullable'] === true ||
    typesOf(schema).includes('null') ||
    valuesOf(schema)?.isNullable === true ||
    variants.some(isNull)
  )
}

/** What holds no schema. */
function encodeKeywords(schema: JsonObject): JsonObject {
  const entries: (readonly [string, unknown])[] = []
  const hints: Hint[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    const isKept = KEPT.has(keyword) || (keyword === 'format' && FORMATS.has(value))
    if (isKept) entries.push([keyword, value])
    else if (!MUTE_KEYWORDS.has(keyword) && !HANDLED.has(keyword)) hints.push([keyword, value])
  }
  const values = valuesOf(schema)?.values ?? []
  const isOfStrings = values.every((value) => typeof value === 'string')
  if (!isOfStrings) hints.push(['enum', values])
  const more = schema['additionalProperties']
  if (isObject(more)) hints.push(['additionalProperties', more])
  const description = describe(schema['description'], hints)
  return {
    ...(description === undefined ? {} : { description }),
    ...Object.fromEntries(entries),
    ...(isOfStrings && values.length > 0 ? { enum: values } : {}),
  }
}

function encodeProperties(
  { properties, required }: JsonObject,
  inner: (schema: unknown) => JsonObject,
): JsonObject {
  if (!isObject(properties)) return {}
  const named = Object.entries(properties).map(([name, schema]) => [name, inner(schema)] as const)
  const needed = Array.isArray(required)
    ? required.filter((name) => typeof name === 'string' && Object.hasOwn(properties, name))
    : []
  return {
    ...(named.length === 0 ? {} : { properties: Object.fromEntries(named) }),
    ...(needed.length === 0 ? {} : { required: needed }),
  }
}

/** A list has to say what is in it. */
function encodeItems({ items }: JsonObject, inner: (schema: unknown) => JsonObject): JsonObject {
  const [first]: readonly unknown[] = Array.isArray(items) ? items : [items]
  return isObject(first) ? inner(first) : { type: 'STRING' }
}
