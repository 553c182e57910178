import type { Tool } from './chat.ts'
import type { Compat } from './compat.ts'
import { isObject, type JsonObject } from './parse.ts'

/** A tool's wish to be strict, as OpenAI can take it; told to the caller where it cannot. */
export function strictnessOf({ strict, parameters }: Tool, compat: Compat): boolean | undefined {
  if (strict !== true || parameters === undefined || isStrictlyClosed(parameters)) return strict
  compat.changed('strict')
  return false
}

/**
 * Whether a schema is what OpenAI means by strict: every object closed, with all of its properties required. Elsewhere a
 * strict tool may have properties that are left out; OpenAI refuses the whole request for one.
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function isStrictlyClosed(schema: JsonObject, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false
  const { type, properties, required, additionalProperties } = schema
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

/** The schemas within a schema. */
function partsOf({
  properties,
  $defs,
  definitions,
  items,
  anyOf,
  allOf,
  oneOf,
}: JsonObject): unknown[] {
  const maps = [properties, $defs, definitions]
    .filter(isObject)
    .flatMap((map) => Object.values(map))
  const lists = [items, anyOf, allOf, oneOf].flatMap((one): unknown[] =>
    Array.isArray(one) ? one : [one],
  )
  return [...maps, ...lists]
}
