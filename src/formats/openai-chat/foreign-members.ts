import { isObject, type JsonObject } from '../../core/parse.ts'
import { REASONING_MEMBERS } from './decode-reasoning.ts'
import { toolIds, type ToolIds } from './upstream/tool-ids.ts'

/** https://platform.openai.com/docs/api-reference/chat/create */
const MAX_CALL_ID = 40

/**
 * A body's `messages` as OpenAI's own models take them, where earlier turns of the conversation were other models': without
 * the members that show their reasoning, which OpenAI refuses, and with ids of calls that are short enough once what they
 * carry along is taken off. Undefined where there is nothing of the kind, so that such bodies stay as they came.
 */
export function withoutForeignMembers({ messages }: JsonObject): readonly unknown[] | undefined {
  if (!Array.isArray(messages) || !messages.some(isForeign)) return undefined
  const idOf = toolIds('forty-characters')
  return messages.map((message: unknown) => (isObject(message) ? own(message, idOf) : message))
}

function isForeign(message: unknown): boolean {
  if (!isObject(message)) return false
  const { role, tool_calls, tool_call_id } = message
  if (role === 'tool') return isLong(tool_call_id)
  if (role !== 'assistant') return false
  if (REASONING_MEMBERS.some((name) => message[name] !== undefined)) return true
  return (
    Array.isArray(tool_calls) && tool_calls.some((call) => isObject(call) && isLong(call['id']))
  )
}

function isLong(id: unknown): boolean {
  return typeof id === 'string' && id.length > MAX_CALL_ID
}

function own(message: JsonObject, idOf: ToolIds): JsonObject {
  const { role, tool_calls, tool_call_id } = message
  if (role === 'tool' && typeof tool_call_id === 'string') {
    return { ...message, tool_call_id: idOf(tool_call_id) }
  }
  if (role !== 'assistant') return message
  const kept: Record<string, unknown> = { ...message }
  for (const name of REASONING_MEMBERS) delete kept[name]
  if (Array.isArray(tool_calls)) {
    kept['tool_calls'] = tool_calls.map((call: unknown) =>
      isObject(call) && typeof call['id'] === 'string' ? { ...call, id: idOf(call['id']) } : call,
    )
  }
  return kept
}
