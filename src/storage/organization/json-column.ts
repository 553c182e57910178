import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'

/** A column that holds a JSON array of strings. */
export function stringsOf(column: string): string[] {
  const value = tryParseJson(column)
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

/** A column that holds a JSON object. */
export function objectOf(column: string): JsonObject {
  const value = tryParseJson(column)
  return isObject(value) ? value : {}
}

/** Fields on their way into the Durable Object, as text since `unknown` cannot cross typed. */
export function parsedObject(text: string): JsonObject {
  const value = tryParseJson(text)
  if (isObject(value)) return value
  throw new TypeError('the fields of a change are not an object')
}
