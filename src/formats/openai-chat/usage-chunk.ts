import type { MemberEdits } from '../../core/json-members.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import type { SseEvent } from '../../core/wire-format.ts'
import type { ChatProfile } from './profile.ts'

/**
 * A stream tells its tokens only where it is asked to, in a chunk of its own behind the answer.
 * https://platform.openai.com/docs/api-reference/chat/create#chat-create-stream_options
 */

/** What asks for it, where the caller wants a stream and did not ask, and the host is known to understand it. */
export function askForUsage(
  body: JsonObject,
  { members }: Pick<ChatProfile, 'members'>,
): MemberEdits | undefined {
  if (members.streamOptions !== 'always') return undefined
  const said = body['stream_options']
  const options = isObject(said) ? said : {}
  if (body['stream'] !== true || options['include_usage'] === true) return undefined
  return { set: { stream_options: { ...options, include_usage: true } } }
}

/** Whether an event is that chunk, which a caller who did not ask does not expect. */
export function isUsageChunk({ data }: SseEvent): boolean {
  if (!data.includes('"prompt_tokens"')) return false
  const chunk = tryParseJson(data)
  if (!isObject(chunk) || !isObject(chunk['usage'])) return false
  return Array.isArray(chunk['choices']) && chunk['choices'].length === 0
}
