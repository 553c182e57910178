import type { JsonObject } from '../src/core/parse.ts'

/** A member that is a string, or an empty one. */
export function textOf(object: JsonObject, member: string): string {
  const value = object[member]
  return typeof value === 'string' ? value : ''
}

/** The members that are there. */
export function definedMembers(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}
