import type { ChatMessage, ToolMessage } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined, needWord, readObjects, readString } from '../../../core/read.ts'
import { unpackToolCallId } from '../../../core/tool-call-id.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { decodeAssistant, needId } from './decode-assistant.ts'
import { decodeCacheMark, markLast } from './decode-cache.ts'
import { decodeTexts, decodeUserParts } from './decode-content.ts'
import { callPairing } from './pair-calls.ts'

/**
 * The conversation, message by message: what comes later never changes what an earlier message becomes.
 * https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages
 */
export function decodeMessages(body: JsonObject, notes: UntranslatedNotes): readonly ChatMessage[] {
  const list = readObjects(body, 'messages')
  if (list === undefined) throw invalidRequest('messages is missing.', 'messages')
  const pairing = callPairing()
  const messages: ChatMessage[] = []
  for (const [index, item] of list.entries()) {
    const path = `messages.${index}.`
    const message = decodeMessage(item, path, notes)
    if (isSilent(message)) continue
    pairing.next(message, path)
    messages.push(message)
  }
  pairing.end()
  if (messages.length > 0) return messages
  throw invalidRequest('messages must hold something to answer.', 'messages')
}

/** An empty result is one; an empty message of anybody else is none. */
function isSilent({ role, content }: ChatMessage): boolean {
  return role !== 'tool' && content.length === 0
}

function decodeMessage(message: JsonObject, path: string, notes: UntranslatedNotes): ChatMessage {
  const role = needWord(message, 'role', ROLES, path)
  switch (role) {
    case 'system':
    case 'developer': {
      notes.others(message, SYSTEM_MEMBERS, 'messages')
      const content = decodeTexts(message, path, notes)
      return { role: 'system', content: markLast(content, decodeCacheMark(message, path)) }
    }
    case 'user': {
      notes.others(message, USER_MEMBERS, 'messages')
      const content = markLast(
        decodeUserParts(message, path, notes),
        decodeCacheMark(message, path),
      )
      return defined({ role, content, name: readString(message, 'name', path) })
    }
    case 'assistant':
      return decodeAssistant(message, path, notes)
    case 'tool':
      return decodeTool(message, path, notes)
    default:
      return role satisfies never
  }
}

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const
const SYSTEM_MEMBERS = new Set(['role', 'content', 'cache_control'])
const USER_MEMBERS = new Set(['role', 'content', 'name', 'cache_control'])

function decodeTool(message: JsonObject, path: string, notes: UntranslatedNotes): ToolMessage {
  notes.others(message, TOOL_MEMBERS, 'messages')
  return defined({
    role: 'tool' as const,
    callId: unpackToolCallId(needId(message, 'tool_call_id', path)).id,
    content: decodeUserParts(message, path, notes),
    cache: decodeCacheMark(message, path),
  })
}

/** The name of the tool follows from the call, so nothing is lost with it. */
const TOOL_MEMBERS = new Set(['role', 'content', 'tool_call_id', 'name', 'cache_control'])
