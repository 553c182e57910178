import type { ChatMessage, SystemMessage, ToolMessage, UserMessage } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { systemTurnText } from '../fold-system-turns.ts'
import { cacheMembers } from './cache-marks.ts'
import { encodeAssistant, sendsReasoning } from './encode-assistant.ts'
import { encodeSaying, textBlock } from './encode-content.ts'
import type { MediaTarget } from './encode-media.ts'
import { type ToolCallPairs, toolCallPairs } from './encode-tool-ids.ts'
import type { Block, Turn } from './turns.ts'

export interface EncodedConversation {
  readonly system: readonly Block[]
  readonly messages: readonly Turn[]
  /** Whether the last turn is the beginning of an answer, for the model to go on with. */
  readonly isContinued: boolean
}

/**
 * A conversation as Claude takes it: instructions at its head, then turns of user and assistant in alternation, results
 * of tools at the beginning of the turn behind their calls. Earlier turns never depend on later ones, but for the marks
 * of a cache: caches and proofs of reasoning hold for as long as what stands before them is the same.
 */
export function encodeConversation(
  messages: readonly ChatMessage[],
  target: MediaTarget,
): EncodedConversation {
  const first = messages.findIndex(({ role }) => role !== 'system')
  const head = first === -1 ? messages : messages.slice(0, first)
  const conversation = first === -1 ? [] : messages.slice(first)
  const withReasoning = sendsReasoning(conversation, target.profile)
  const calls = toolCallPairs()
  const turns: Turn[] = []
  const runs = runsOf(conversation)
  for (const run of runs) {
    if (run.side === 'user') append(turns, 'user', encodeUserRun(run.messages, calls, target))
    else append(turns, 'assistant', encodeAssistant(run.messages, calls, withReasoning))
    if (run.side === 'user') calls.requireNoneOpen()
  }
  calls.requireNoneOpen()
  const isContinued = settleLastTurn(turns, target)
  if (turns.length === 0) {
    throw invalidRequest('messages has nothing to answer in it.', 'messages')
  }
  return { system: head.filter(isSystem).flatMap(encodeSystem), messages: turns, isContinued }
}

type Run =
  | { readonly side: 'assistant'; readonly messages: Extract<ChatMessage, { role: 'assistant' }>[] }
  | { readonly side: 'user'; readonly messages: Exclude<ChatMessage, { role: 'assistant' }>[] }

function runsOf(conversation: readonly ChatMessage[]): readonly Run[] {
  const runs: Run[] = []
  for (const message of conversation) {
    const last = runs.at(-1)
    if (message.role === 'assistant') {
      if (last?.side === 'assistant') last.messages.push(message)
      else runs.push({ side: 'assistant', messages: [message] })
    } else if (last?.side === 'user') last.messages.push(message)
    else runs.push({ side: 'user', messages: [message] })
  }
  return runs
}

/** Turns that turned out empty are left out, and those around them are one. */
function append(turns: Turn[], role: Turn['role'], content: Block[]): void {
  const last = turns.at(-1)
  if (last?.role === role) last.content.push(...content)
  else if (content.length > 0) turns.push({ role, content })
}

function encodeUserRun(
  messages: readonly (SystemMessage | UserMessage | ToolMessage)[],
  calls: ToolCallPairs,
  target: MediaTarget,
): Block[] {
  const results = calls.close(messages.filter((message) => message.role === 'tool'))
  const blocks = results.map(({ message, id }) => encodeResult(message, id, target))
  for (const message of messages) {
    if (message.role === 'system') blocks.push(...encodeSystemTurn(message))
    if (message.role !== 'user') continue
    if (message.name !== undefined) target.compat.changed('name')
    blocks.push(...message.content.flatMap((part) => encodeSaying(part, target)))
  }
  return blocks
}

function encodeResult(message: ToolMessage, id: string, target: MediaTarget): Block {
  const { isError = false, cache } = message
  const content = message.content.flatMap((part) => encodeSaying(part, target))
  // An error without a word is refused.
  if (isError && content.length === 0) content.push(textBlock('The tool failed.'))
  return {
    type: 'tool_result',
    tool_use_id: id,
    ...(content.length === 0 ? {} : { content }),
    ...(isError ? { is_error: true } : {}),
    ...cacheMembers(cache),
  }
}

function isSystem(message: ChatMessage): message is SystemMessage {
  return message.role === 'system'
}

function encodeSystem({ content }: SystemMessage): Block[] {
  return content
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, cache }) => textBlock(text, cache))
}

function encodeSystemTurn({ content }: SystemMessage): Block[] {
  const parts = content.filter(({ text }) => text.trim() !== '')
  if (parts.length === 0) return []
  const text = systemTurnText(parts.map((part) => part.text).join('\n\n'))
  return [textBlock(text, parts.findLast(({ cache }) => cache !== undefined)?.cache)]
}

/** Says whether the last turn is the beginning of an answer, and makes of it what the model takes. */
function settleLastTurn(turns: Turn[], { profile, compat }: MediaTarget): boolean {
  const last = turns.at(-1)
  if (last?.role !== 'assistant') return false
  if (!profile.canContinueAnswer) {
    compat.refused(
      'messages',
      'they end with the beginning of an answer, and this model continues none. End with a user message.',
    )
    turns.pop()
    return false
  }
  const text = last.content.at(-1)
  // White space at the end of it is refused; text that is nothing else was left out before.
  if (typeof text?.['text'] === 'string') text['text'] = text['text'].trimEnd()
  return true
}
