import type { MemberEdits } from '../core/json-members.ts'
import type { JsonObject } from '../core/parse.ts'

/** The object with the edits made, for bodies that are written anew anyway. */
export function withEdits(body: JsonObject, { set = {}, remove = [] }: MemberEdits): JsonObject {
  const kept = remove.length === 0 ? body : omit(body, remove)
  return { ...kept, ...set }
}

function omit(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))
}
