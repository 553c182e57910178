import { editMembers } from '../../core/json-members.ts'
import type { JsonObject } from '../../core/parse.ts'
import type { TargetParameters } from '../../storage/replica/records.ts'
import type { ModelCall } from '../caller/read-model-call.ts'
import { withEdits } from './edits.ts'

/** How long an answer may become has a name of its own on each surface, and is one thing. */
const LENGTH: readonly string[] = ['max_tokens', 'max_completion_tokens', 'max_output_tokens']

/** The call with numbers that are above what a route's target allows lowered to that, each of which is told. */
export function withLimits(
  call: ModelCall,
  limits: TargetParameters['max'] = {},
  warn: (warning: string) => void,
): ModelCall {
  const set: Record<string, number> = {}
  for (const [name, most] of Object.entries(limits)) {
    for (const field of LENGTH.includes(name) ? LENGTH : [name]) {
      if (isAbove(set[field] ?? valueOf(call.body, field), most)) set[field] = most
    }
  }
  const lowered = Object.keys(set)
  if (lowered.length === 0) return call
  for (const field of lowered) warn(`${field}:lowered`)
  return { ...call, text: editMembers(call.text, { set }), body: withEdits(call.body, { set }) }
}

/** What is no number is for the target to judge. */
function isAbove(value: unknown, most: number): boolean {
  return typeof value === 'number' && value > most
}

function valueOf(body: JsonObject, field: string): unknown {
  return Object.hasOwn(body, field) ? body[field] : undefined
}
