import type {
  AssistantMessage,
  ChatMessage,
  ReasoningPart,
  ToolCallPart,
} from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { isObject, tryParseJson } from '../../../core/parse.ts'
import type { ClaudeProfile } from '../profile.ts'
import { cacheMembers } from './cache-marks.ts'
import { textBlock } from './encode-content.ts'
import type { ToolCallPairs } from './encode-tool-ids.ts'
import { claudeToolName } from './tool-names.ts'
import type { Block } from './turns.ts'

/**
 * Whether a conversation's reasoning goes along. Claude checks its own reasoning against all that stood before it, other
 * reasoning included, so either all of it goes or none: one part that is Claude's and has lost its proof keeps the rest
 * back. What never was Claude's, or nobody can say whose it was, is left out each time and changes nothing.
 * https://platform.claude.com/docs/en/build-with-claude/preserved-thinking
 */
export function sendsReasoning(
  conversation: readonly ChatMessage[],
  { thinking }: ClaudeProfile,
): boolean {
  if (thinking.length === 0) return false
  return !conversation.some(
    (message) =>
      message.role === 'assistant' &&
      message.content.some(
        (part) =>
          part.kind === 'reasoning' && part.proof?.family === 'claude' && part.proof.value === '',
      ),
  )
}

/** The blocks of an answer that was given in one or more messages. */
export function encodeAssistant(
  messages: readonly AssistantMessage[],
  calls: ToolCallPairs,
  withReasoning: boolean,
): Block[] {
  const blocks: Block[] = []
  for (const { content } of messages) {
    for (const part of content) {
      switch (part.kind) {
        case 'text':
          if (part.text.trim() !== '') blocks.push(textBlock(part.text, part.cache))
          break
        case 'refusal':
          if (part.text.trim() !== '') blocks.push(textBlock(part.text))
          break
        case 'reasoning':
          if (withReasoning) blocks.push(...encodeReasoning(part))
          break
        case 'tool-call':
          blocks.push(encodeCall(part, calls))
          break
        default:
          part satisfies never
      }
    }
  }
  // An answer that was cut off while it was being thought about cannot end so.
  while (blocks.length > 0 && isThinking(blocks.at(-1))) blocks.pop()
  return blocks
}

export function isThinking(block: Block | undefined): boolean {
  return block?.['type'] === 'thinking' || block?.['type'] === 'redacted_thinking'
}

/** Exactly as it came, an empty text included: the proof is of every byte. */
function encodeReasoning({ text, proof }: ReasoningPart): Block[] {
  if (proof?.family !== 'claude') return []
  return proof.kind === 'encrypted'
    ? [{ type: 'redacted_thinking', data: proof.value }]
    : [{ type: 'thinking', thinking: text, signature: proof.value }]
}

function encodeCall(call: ToolCallPart, calls: ToolCallPairs): Block {
  const id = calls.open(call)
  return {
    type: 'tool_use',
    id,
    name: claudeToolName(call.name),
    input: inputOf(call, id),
    ...cacheMembers(call.cache),
  }
}

function inputOf({ arguments: text }: ToolCallPart, id: string): object {
  if (text.trim() === '') return {}
  const input = tryParseJson(text)
  if (isObject(input)) return input
  throw invalidRequest(
    `The arguments of the tool call ${id.slice(0, 80)} are not a JSON object.`,
    'messages',
  )
}
