import { type MemberEdits, newNames } from '../../core/json-members.ts'
import type { JsonObject } from '../../core/parse.ts'

/** The object with the edits made, for bodies that are written anew anyway. */
export function withEdits(
  body: JsonObject,
  { set = {}, remove = [], rename }: MemberEdits,
): JsonObject {
  const kept = remove.length === 0 ? body : omit(body, remove)
  const edited = { ...kept, ...set }
  return rename === undefined ? edited : renamed(edited, rename)
}

function renamed(body: JsonObject, rename: NonNullable<MemberEdits['rename']>): JsonObject {
  const nameOf = newNames(() => Object.keys(body), rename)
  const members = Object.entries(body).map(([name, value]) => [nameOf(name), value] as const)
  return Object.fromEntries(
    members.filter((member): member is [string, unknown] => member[0] !== undefined),
  )
}

function omit(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))
}
