import type { AssistantPart, ChatAnswer, ReasoningPart } from '../../../core/chat.ts'
import { isObject, type JsonObject, tryParseJson } from '../../../core/parse.ts'
import { packProof } from '../../../core/reasoning-proof.ts'
import type { AnswerContext } from '../../../core/translation.ts'
import { encodeFinish } from './encode-finish.ts'
import { messageId, toolUseId } from './encode-ids.ts'
import { encodeUsage } from './encode-usage.ts'

/** A whole answer as a message. https://platform.claude.com/docs/en/api/messages */
export function encodeAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  const hasRefusal = answer.content.some((part) => part.kind === 'refusal' && part.text !== '')
  return {
    id: messageId(answer.id, context.requestId),
    type: 'message',
    role: 'assistant',
    model: answer.model ?? context.model,
    content: encodeContent(answer.content, context),
    ...encodeFinish(answer.finish, context.request, hasRefusal),
    container: null,
    diagnostics: null,
    usage: encodeUsage(answer.usage, answer.serviceTier),
  }
}

function encodeContent(
  parts: readonly AssistantPart[],
  context: AnswerContext,
): readonly JsonObject[] {
  const blocks: JsonObject[] = []
  let calls = 0
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
      case 'refusal':
        if (part.text !== '') blocks.push({ type: 'text', text: part.text, citations: null })
        break
      case 'reasoning':
        blocks.push(...encodeReasoning(part))
        break
      case 'tool-call':
        blocks.push({
          type: 'tool_use',
          id: toolUseId(part, calls++, context),
          name: part.name,
          input: encodeInput(part.arguments),
          caller: { type: 'direct' },
        })
        break
      default:
        part satisfies never
    }
  }
  return blocks
}

/**
 * Signed, or with an empty signature where nothing proves it. Encrypted reasoning is redacted, and stands behind the
 * text that sums it up, where there is one.
 */
function encodeReasoning({ text, proof }: ReasoningPart): readonly JsonObject[] {
  const isEncrypted = proof?.kind === 'encrypted'
  const signature = proof === undefined || isEncrypted ? '' : packProof(proof)
  const isShown = text !== '' || signature !== ''
  return [
    ...(isShown ? [{ type: 'thinking', thinking: text, signature }] : []),
    ...(isEncrypted ? [{ type: 'redacted_thinking', data: packProof(proof) }] : []),
  ]
}

/**
 * A call's arguments as the object that a block has in their place. Where they are no JSON object, mostly since the answer
 * was cut off at `max_tokens`, they are kept as text in `_partial_json`: `{}` would be a call that the model never
 * made, and a part of the arguments could be one that does harm. Such an input fits no tool's schema, so it fails loudly.
 */
function encodeInput(text: string): JsonObject {
  if (text.trim() === '') return {}
  const input = tryParseJson(text)
  return isObject(input) ? input : { _partial_json: text }
}
