import { isObject, type JsonObject } from '../../core/parse.ts'
import { plainName } from '../../core/plain-name.ts'
import { unpackToolCallId } from '../../core/tool-call-id.ts'
import { isForeignReasoning } from './reasoning-item.ts'

/** https://platform.openai.com/docs/api-reference/responses/create#responses-create-input */
const MAX_CALL_ID = 64

/** Whose encryption a reasoning item's bare `encrypted_content` is. */
export type Encryption = (encrypted: string) => boolean

/** OpenAI's, on Azure too, are Fernet tokens: https://github.com/fernet/spec/blob/master/Spec.md */
export const isOpenAiEncryption: Encryption = (encrypted) => encrypted.startsWith('gAAAA')
export const isNotOpenAiEncryption: Encryption = (encrypted) => !isOpenAiEncryption(encrypted)

/**
 * A body's `input` as a provider of this very format takes it, where earlier turns of the conversation were other models':
 * without their reasoning, which it cannot read, and with ids of calls that are short enough once what they carry along
 * is taken off. Undefined where there is nothing of the kind, so that such bodies stay as they came. It follows from
 * each item alone, so a call and its result keep one id in every request.
 */
export function withoutForeignItems(
  { input }: JsonObject,
  isOwn: Encryption,
): readonly unknown[] | undefined {
  if (!Array.isArray(input)) return undefined
  const own = input.filter((item) => !isForeignThought(item, isOwn))
  if (own.length === input.length && !own.some(hasLongCallId)) return undefined
  return own.map(withShortCallId)
}

function isForeignThought(item: unknown, isOwn: Encryption): boolean {
  if (!isObject(item) || item['type'] !== 'reasoning') return false
  const { encrypted_content: encrypted } = item
  if (typeof encrypted !== 'string' || encrypted === '') return false
  return isForeignReasoning(item) || !isOwn(encrypted)
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
