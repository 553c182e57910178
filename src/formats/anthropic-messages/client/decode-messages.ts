import type { ChatMessage, TextPart, UserPart } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { needWord, readObjects } from '../../../core/read.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { TOOL_CHANGES, unsaidMembers } from '../fold-system-turns.ts'
import { type AssistantContent, decodeAssistantContent } from './decode-assistant.ts'
import { decodeTexts } from './decode-blocks.ts'
import { decodeUserContent, type ToolResult, type UserContent } from './decode-user.ts'

/**
 * The conversation, with each tool's result as a message of its own right after the calls, whatever else the caller's
 * message held. Calls and results are held to Anthropic's rule: each call is answered once, before anything else is said.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use
 */
export function decodeMessages(body: JsonObject, notes: UntranslatedNotes): readonly ChatMessage[] {
  const list = readObjects(body, 'messages')
  if (list === undefined) throw invalidRequest('messages is missing.', 'messages')
  if (list.length === 0) throw invalidRequest('messages must not be empty.', 'messages')
  const conversation = conversationOf()
  for (const [index, message] of list.entries()) {
    const path = `messages.${index}.`
    const role = needWord(message, 'role', ['user', 'assistant', 'system'], path)
    if (role === 'user') conversation.user(decodeUserContent(message, path, notes))
    else if (role === 'assistant')
      conversation.assistant(decodeAssistantContent(message, path, notes))
    else conversation.system(decodeSystemTurn(message, path, notes))
  }
  return conversation.end()
}

/** A turn of role `system`. What it changes on the way, beside saying something, Anthropic's own models alone follow. */
function decodeSystemTurn(
  message: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): readonly TextPart[] {
  for (const member of unsaidMembers(message)) notes.changed(member)
  notes.others(message, TURN_MEMBERS, 'messages')
  return decodeTexts(message, 'content', path, notes, TOOL_CHANGES)
}

const TURN_MEMBERS = new Set(['role', 'content', 'clear_at', 'output_config'])

interface Conversation {
  user(content: UserContent): void
  assistant(content: AssistantContent): void
  system(content: readonly TextPart[]): void
  end(): readonly ChatMessage[]
}

function conversationOf(): Conversation {
  const messages: ChatMessage[] = []
  /** Calls without a result, by their ids, with the paths of their blocks. */
  const open = new Map<string, string>()
  /** What a user said before all results were there: Anthropic joins messages that follow each other, so may callers. */
  let waiting: (readonly UserPart[])[] = []
  const refuseOpenCalls = (): void => {
    const [path] = open.values()
    if (path === undefined) return
    throw invalidRequest(`${path} is a tool_use without a tool_result in the next message.`, path)
  }
  const addResult = ({ path, message }: ToolResult): void => {
    if (!open.delete(message.callId)) {
      const at = `${path}.tool_use_id`
      throw invalidRequest(
        `${at} must be the id of a tool_use in the message before, which no other tool_result answers.`,
        at,
      )
    }
    messages.push(message)
  }
  return {
    user({ results, parts }) {
      for (const result of results) addResult(result)
      waiting.push(parts)
      if (open.size > 0) return
      for (const content of waiting)
        if (content.length > 0) messages.push({ role: 'user', content })
      waiting = []
    },
    assistant({ parts, calls }) {
      const last = messages.at(-1)
      const goesOn = open.size > 0 && waiting.length === 0 && last?.role === 'assistant'
      if (!goesOn) refuseOpenCalls()
      for (const [id, path] of calls) {
        if (open.has(id))
          throw invalidRequest(`${path}.id is that of another tool_use.`, `${path}.id`)
        open.set(id, path)
      }
      if (goesOn) {
        messages[messages.length - 1] = { ...last, content: [...last.content, ...parts] }
      } else if (parts.length > 0) messages.push({ role: 'assistant', content: parts })
    },
    system(content) {
      refuseOpenCalls()
      if (content.length > 0) messages.push({ role: 'system', content })
    },
    end() {
      refuseOpenCalls()
      return messages
    },
  }
}
