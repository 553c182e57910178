import type { ReasoningFamily, ReasoningPart, ReasoningProof } from './chat.ts'

/**
 * Proofs of reasoning, on their way to a caller and back as one string. Claude's travel bare, as its own clients and
 * other gateways know them; the others say whose they are, so that they are never shown to a model that would refuse
 * them.
 */
const MARK = 'kwproof.'

export function packProof({ family, value }: ReasoningProof): string {
  return family === 'claude' && !value.startsWith(MARK) ? value : `${MARK}${family}.${value}`
}

/** Whether a caller's string says whose proof it is; Claude's own never does. */
export function isMarkedProof(text: string): boolean {
  return text.startsWith(MARK)
}

/** What a caller's string stands for. */
export function unpackProof(text: string, kind: ReasoningProof['kind']): ReasoningProof {
  if (isMarkedProof(text)) {
    const end = text.indexOf('.', MARK.length)
    const family = FAMILIES.find((name) => name === text.slice(MARK.length, end))
    if (end !== -1 && family !== undefined) return { family, kind, value: text.slice(end + 1) }
  }
  return { family: 'claude', kind, value: text }
}

/** Whose reasoning travels bare in OpenAI's own format. */
export const GPT_REASONING: ReasoningFamily = 'gpt'

const FAMILIES: readonly ReasoningFamily[] = ['claude', 'gemini', 'gpt', 'grok', 'converse']

/**
 * Reasoning that was shown as two blocks since no block has both, a text and then the encrypted reasoning that it sums up:
 * the one part that they were. Undefined where they were two; Claude's encrypted reasoning never has a text beside it.
 */
export function joinReasoning(
  shown: ReasoningPart,
  { text, proof }: ReasoningPart,
): ReasoningPart | undefined {
  if (shown.proof !== undefined || text !== '' || proof?.kind !== 'encrypted') return undefined
  return proof.family === 'claude' ? undefined : { ...shown, proof }
}
