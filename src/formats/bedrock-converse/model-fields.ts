import { isObject, type JsonObject } from '../../core/parse.ts'
import type { FieldPath } from './profile.ts'

/** An object with a value at a path in it, and other members beside that. */
export function fieldAt(
  [outer, ...inner]: FieldPath,
  value: unknown,
  beside: JsonObject = {},
): JsonObject {
  const [next, ...rest] = inner
  if (next === undefined) return { ...beside, [outer]: value }
  return { [outer]: fieldAt([next, ...rest], value, beside) }
}

/** One object out of several, of members that are objects in more than one as well. */
export function mergeFields(...objects: readonly JsonObject[]): JsonObject {
  const merged: Record<string, unknown> = {}
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      const before = merged[name]
      merged[name] = isObject(before) && isObject(value) ? mergeFields(before, value) : value
    }
  }
  return merged
}
