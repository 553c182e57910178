import { isObject, type JsonObject } from '../../core/parse.ts'
import { isMarkedProof } from '../../core/reasoning-proof.ts'

export interface OwnThinking {
  readonly messages: readonly unknown[]
  /** Claude would refuse to begin thinking now, amid a turn whose calls were made without a thought of its own. */
  readonly forbidsBudget: boolean
}

/**
 * A Messages body's `messages` without the thinking of other models: blocks that have no signature, or one that the gateway
 * made of another provider's proof. Claude refuses a conversation that has them, which it has where an earlier turn was
 * another model's. Undefined where there are none, so that such bodies stay as they came. Every later request of the
 * conversation loses the same blocks, so what Claude's own signatures are bound to never changes.
 */
export function withoutForeignThinking({ messages }: JsonObject): OwnThinking | undefined {
  if (!Array.isArray(messages) || !messages.some(hasForeignThinking)) return undefined
  const own = messages.flatMap((message: unknown) => {
    if (!hasForeignThinking(message)) return [message]
    const content = message.content.filter((block) => !isForeignThinking(block))
    // A message must hold something.
    return content.length === 0 ? [] : [{ ...message, content }]
  })
  return { messages: own, forbidsBudget: isAmidTurnWithoutThinking(own) }
}

function hasForeignThinking(
  message: unknown,
): message is JsonObject & { readonly content: readonly unknown[] } {
  if (!isObject(message) || message['role'] !== 'assistant') return false
  return Array.isArray(message['content']) && message['content'].some(isForeignThinking)
}

function isForeignThinking(block: unknown): boolean {
  if (!isObject(block)) return false
  const { type, signature, data } = block
  if (type === 'thinking') return !isOwnProof(signature)
  return type === 'redacted_thinking' && !isOwnProof(data)
}

function isOwnProof(proof: unknown): boolean {
  return typeof proof === 'string' && proof !== '' && !isMarkedProof(proof)
}

/** Whether results are the last word, and the turn that they belong to does not begin with a thought. */
function isAmidTurnWithoutThinking(messages: readonly unknown[]): boolean {
  let first: unknown
  for (const message of messages.toReversed()) {
    if (!isObject(message)) break
    if (message['role'] === 'assistant') first = message['content']
    else if (message['role'] !== 'system' && !hasResult(message)) break
  }
  if (first === undefined) return false
  const block: unknown = Array.isArray(first) ? first[0] : undefined
  return !isObject(block) || !/^(?:redacted_)?thinking$/.test(String(block['type']))
}

function hasResult({ content }: JsonObject): boolean {
  if (!Array.isArray(content)) return false
  return content.some((block) => isObject(block) && block['type'] === 'tool_result')
}
