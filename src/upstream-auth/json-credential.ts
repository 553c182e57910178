import { invalidRequest } from '../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../core/parse.ts'

/** A credential that is a JSON object, given as the object itself or as its text. */
export function jsonCredential(value: unknown, looksLike: string): JsonObject {
  const object = typeof value === 'string' ? tryParseJson(value) : value
  if (isObject(object)) return object
  throw invalidRequest(
    `provider_key must be a JSON object (or its text) such as ${looksLike}.`,
    'provider_key',
  )
}
