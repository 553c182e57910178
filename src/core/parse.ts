import { invalidRequest } from './errors.ts'

/** Reading values whose shape is not known yet. Errors name the field, never the value. */

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text as JSON, or undefined. The runtime's own error quotes the text, so it is not passed on. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A member that must be there and must be a string with something in it. */
export function requireString(object: JsonObject, member: string, path: string): string {
  const value = Object.hasOwn(object, member) ? object[member] : undefined
  if (value === undefined)
    throw invalidRequest(`${path}.${member} is missing.`, `${path}.${member}`)
  if (typeof value !== 'string' || value.trim() === '') {
    throw invalidRequest(`${path}.${member} must be a non-empty string.`, `${path}.${member}`)
  }
  return value
}

/** A member that may be missing, and is a string where it is not. */
export function optionalString(
  object: JsonObject,
  member: string,
  path: string,
): string | undefined {
  return Object.hasOwn(object, member) ? requireString(object, member, path) : undefined
}

/** What a member's name looks like; anything else could be a secret that was pasted into the wrong place. */
const MEMBER_NAME = /^[a-z][a-z_]{0,39}$/

/** Refuses members that are not known, so that a misspelt one is not silently without effect. */
export function refuseUnknownMembers(
  object: JsonObject,
  known: readonly string[],
  path: string,
): void {
  const stranger = Object.keys(object).find((member) => !known.includes(member))
  if (stranger === undefined) return
  const param = MEMBER_NAME.test(stranger) ? `${path}.${stranger}` : path
  throw invalidRequest(`${path} has an unknown member. It takes ${known.join(', ')}.`, param)
}
