import { editMembers } from '../../core/json-members.ts'
import type { JsonObject } from '../../core/parse.ts'
import type { ModelCall } from '../caller/read-model-call.ts'
import { withEdits } from './edits.ts'
import type { ModelName } from './model-name.ts'

/** The call with the fields of a route's target in place of the caller's; null takes a field out. */
export function withOverrides(call: ModelCall, overrides: JsonObject = {}): ModelCall {
  const fields = Object.entries(overrides)
  if (fields.length === 0) return call
  const edits = {
    set: Object.fromEntries(fields.filter(([, value]) => value !== null)),
    remove: fields.filter(([, value]) => value === null).map(([name]) => name),
  }
  return { ...call, text: editMembers(call.text, edits), body: withEdits(call.body, edits) }
}

/** An override of the model is the id by which the same provider or endpoint knows it. */
export function withModelOverride(name: ModelName, { model }: JsonObject = {}): ModelName {
  return typeof model === 'string' ? { ...name, model } : name
}
