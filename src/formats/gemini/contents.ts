import type {
  AssistantMessage,
  ChatMessage,
  SystemMessage,
  ToolCallPart,
  ToolMessage,
  UserMessage,
} from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { invalidRequest } from '../../core/errors.ts'
import { encodeModelParts, signFirstCall } from './model-parts.ts'
import type { GeminiProfile } from './profile.ts'
import { encodeResults } from './tool-results.ts'
import type { CallPart, Content, Part, SpokenPart } from './types.ts'
import { encodeUserParts } from './user-parts.ts'

interface Context {
  readonly profile: GeminiProfile
  readonly compat: Compat
}

/** Google's two roles take turns: what one side says in several messages is one content. */
type Turn =
  | {
      readonly role: 'model'
      readonly parts: (SpokenPart | CallPart)[]
      readonly calls: ToolCallPart[]
    }
  | { readonly role: 'user'; readonly parts: Part[]; readonly results: ToolMessage[] }

/** A conversation as contents; a conversation that goes on keeps the contents that it had. */
export function encodeContents(
  messages: readonly ChatMessage[],
  context: Context,
): {
  readonly systemInstruction?: { readonly parts: readonly SpokenPart[] }
  readonly contents: readonly Content[]
} {
  const { instructions, spoken } = splitInstructions(messages)
  const parts = instructions.flatMap(({ content }) =>
    content.flatMap(({ text }) => (text === '' ? [] : [{ text }])),
  )
  return {
    ...(parts.length === 0 ? {} : { systemInstruction: { parts } }),
    contents: contentsOf(turnsOf(spoken, context), context),
  }
}

/**
 * Instructions in front are the system's. What a conversation without a first word of the user's would begin with is the last of
 * them, since contents begin with the user.
 */
function splitInstructions(messages: readonly ChatMessage[]): {
  readonly instructions: readonly SystemMessage[]
  readonly spoken: readonly ChatMessage[]
} {
  const other = messages.findIndex(({ role }) => role !== 'system')
  const end = other === -1 ? messages.length : other
  const hasOpening = messages[end]?.role === 'user'
  const leading = hasOpening ? end : Math.max(0, end - 1)
  return {
    instructions: messages.slice(0, leading).filter((message) => message.role === 'system'),
    spoken: messages.slice(leading),
  }
}

function turnsOf(messages: readonly ChatMessage[], context: Context): readonly Turn[] {
  const turns: Turn[] = []
  for (const message of messages) {
    if (message.role === 'assistant') addToModel(turns, message, context)
    else addToUser(turns, message, context)
  }
  return turns
}

function addToModel(turns: Turn[], { content }: AssistantMessage, { profile }: Context): void {
  const parts = encodeModelParts(content, profile)
  if (parts.length === 0) return
  const calls = content.filter((part) => part.kind === 'tool-call')
  const last = turns.at(-1)
  if (last?.role !== 'model') {
    turns.push({ role: 'model', parts, calls })
    return
  }
  last.parts.push(...parts)
  last.calls.push(...calls)
}

function addToUser(
  turns: Turn[],
  message: SystemMessage | UserMessage | ToolMessage,
  context: Context,
): void {
  const parts = message.role === 'tool' ? [] : partsOf(message, context)
  const results = message.role === 'tool' ? [message] : []
  if (parts.length === 0 && results.length === 0) return
  const last = turns.at(-1)
  if (last?.role !== 'user') {
    turns.push({ role: 'user', parts: [...parts], results })
    return
  }
  last.parts.push(...parts)
  last.results.push(...results)
}

/** Instructions in the midst of a conversation keep their place, as words of the user's that say whose they are. */
function partsOf(
  message: SystemMessage | UserMessage,
  { profile, compat }: Context,
): readonly Part[] {
  if (message.role === 'user') return encodeUserParts(message.content, profile, compat)
  const text = message.content.map((part) => part.text).join('\n\n')
  return text.trim() === '' ? [] : [{ text: `<system>\n${text}\n</system>` }]
}

/**
 * Results come first in the content that answers calls, and nothing but them unless the user spoke along with them: that follows
 * in the same content, since the roles have to take turns.
 */
function contentsOf(turns: readonly Turn[], context: Context): readonly Content[] {
  const contents = turns.map((turn, index): Content => {
    if (turn.role === 'model') {
      if (context.profile.checksSignatures) signFirstCall(turn.parts)
      return { role: 'model', parts: turn.parts }
    }
    const before = turns[index - 1]
    const calls = before?.role === 'model' ? before.calls : []
    return { role: 'user', parts: [...encodeResults(calls, turn.results, context), ...turn.parts] }
  })
  if (contents.at(-1)?.role === 'model') {
    context.compat.refused('messages', "the last word in it must not be the assistant's.")
    contents.pop()
  }
  if (contents.length === 0) throw invalidRequest('messages says nothing.', 'messages')
  return contents
}
