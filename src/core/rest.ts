import type { Compat } from './compat.ts'
import { isObject, type JsonObject } from './parse.ts'

/** Members of bodies, in any format, without which a request would mean something else. */
const MEANINGFUL: ReadonlySet<string> = new Set([
  'audio',
  'background',
  'container',
  'conversation',
  'function_call',
  'functions',
  'inference_geo',
  'logit_bias',
  'mcp_servers',
  'modalities',
  'prediction',
  'previous_message_id',
  'previous_response_id',
  'prompt',
  'web_search_options',
])

/** Reports the members that an encoder had no use for; `taken` are those that it carried over itself. */
export function reportRest(
  rest: JsonObject,
  compat: Compat,
  taken: ReadonlySet<string> = NOTHING,
): void {
  for (const [name, value] of Object.entries(rest)) {
    if (taken.has(name) || isWithoutEffect(name, value)) continue
    if (MEANINGFUL.has(name)) compat.refused(name, 'the model has nothing like it.')
    else compat.changed(name)
  }
}

const NOTHING: ReadonlySet<string> = new Set()

/** Values that ask for what would be so anyway. */
export function isWithoutEffect(name: string, value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true
  if (name === 'inference_geo') return value === 'global'
  if (Array.isArray(value)) {
    return value.length === 0 || (name === 'modalities' && value.every((one) => one === 'text'))
  }
  return isObject(value) && Object.keys(value).length === 0
}
