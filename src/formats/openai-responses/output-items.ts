import type { ReasoningPart } from '../../core/chat.ts'
import { freeformInput } from '../../core/freeform.ts'
import type { JsonObject } from '../../core/parse.ts'
import { packReasoning } from './reasoning-item.ts'
import { type CallFace } from './tool-name.ts'

/** The items of a Response's output. https://platform.openai.com/docs/api-reference/responses/object */

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

/** A part of a message, as canonical text or refusal. */
export interface MessagePart {
  readonly kind: 'text' | 'refusal'
  readonly text: string
}

export function messageContent({ kind, text }: MessagePart): JsonObject {
  return kind === 'refusal'
    ? { type: 'refusal', refusal: text }
    : { type: 'output_text', text, annotations: [], logprobs: [] }
}

export function messageItem(
  id: string,
  parts: readonly MessagePart[],
  status: ItemStatus,
): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content: parts.map(messageContent) }
}

/** Reasoning text is shown as a summary, which is what callers look for. */
export function reasoningItem(id: string, part: ReasoningPart, status: ItemStatus): JsonObject {
  const encrypted = packReasoning(part)
  return {
    id,
    type: 'reasoning',
    status,
    summary: part.text === '' ? [] : [{ type: 'summary_text', text: part.text }],
    ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
  }
}

export interface ShownCall {
  readonly callId: string
  readonly face: CallFace
  /** Canonical arguments. */
  readonly arguments: string
}

export function callItem(id: string, call: ShownCall, status: ItemStatus): JsonObject {
  const { callId, face } = call
  const { isFreeform, ...names } = face
  const content = isFreeform
    ? { input: freeformInput(call.arguments) }
    : { arguments: call.arguments }
  const type = isFreeform ? 'custom_tool_call' : 'function_call'
  return { id, type, status, call_id: callId, ...names, ...content }
}

/** A call without arguments has none to show but an empty object; one that was cut off keeps what it has. */
export function shownArguments(text: string, status: ItemStatus): string {
  return text === '' && status === 'completed' ? '{}' : text
}
