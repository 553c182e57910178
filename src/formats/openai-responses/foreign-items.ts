import { isObject, type JsonObject } from '../../core/parse.ts'
import { plainName } from '../../core/plain-name.ts'
import { unpackToolCallId } from '../../core/tool-call-id.ts'
import { isForeignReasoning } from './reasoning-item.ts'

/** https://platform.openai.com/docs/api-reference/responses/create#responses-create-input */
const MAX_CALL_ID = 64

/**
 * A body's `input` as a provider of this very format takes it, where earlier turns of the conversation were other models':
 * without their reasoning, which it cannot read, and with ids of calls that are short enough once what they carry along
 * is taken off. Undefined where there is nothing of the kind, so that such bodies stay as they came. It follows from
 * each item alone, so a call and its result keep one id in every request.
 */
export function withoutForeignItems({ input }: JsonObject): readonly unknown[] | undefined {
  if (!Array.isArray(input) || !input.some(isForeign)) return undefined
  return input.filter((item) => !isForeignThought(item)).map(withShortCallId)
}

function isForeign(item: unknown): boolean {
  return isForeignThought(item) || hasLongCallId(item)
}

function isForeignThought(item: unknown): boolean {
  return isObject(item) && item['type'] === 'reasoning' && isForeignReasoning(item)
}

function hasLongCallId(item: unknown): item is JsonObject & { readonly call_id: string } {
  if (!isObject(item)) return false
  const { call_id: id } = item
  return typeof id === 'string' && id.length > MAX_CALL_ID
}

function withShortCallId(item: unknown): unknown {
  if (!hasLongCallId(item)) return item
  return { ...item, call_id: plainName(unpackToolCallId(item.call_id).id, MAX_CALL_ID) }
}
