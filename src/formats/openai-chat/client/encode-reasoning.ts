import type { ReasoningPart, ReasoningProof } from '../../../core/chat.ts'
import { packProof } from '../../../core/reasoning-proof.ts'

/**
 * Reasoning as callers of this format know it: see `decode-reasoning.ts`, which reads it when it comes back.
 */
export type ThinkingBlock =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature?: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }

/** The blocks of a whole answer, where any of them has something to prove. */
export function encodeBlocks(parts: readonly ReasoningPart[]): readonly ThinkingBlock[] {
  return parts.some(({ proof }) => proof !== undefined) ? parts.flatMap(blocksOf) : []
}

function blocksOf({ text, proof }: ReasoningPart): readonly ThinkingBlock[] {
  if (proof === undefined) return text === '' ? [] : [{ type: 'thinking', thinking: text }]
  if (proof.kind === 'signature') {
    return [{ type: 'thinking', thinking: text, signature: packProof(proof) }]
  }
  const encrypted: ThinkingBlock = { type: 'redacted_thinking', data: packProof(proof) }
  return text === '' ? [encrypted] : [{ type: 'thinking', thinking: text }, encrypted]
}

/**
 * The blocks of a stream, in pieces, each as the JSON of a delta's members. As with tool calls, an `index` says which block
 * a piece belongs to, and the texts of its pieces are to be joined.
 */
export interface ReasoningDeltas {
  text(text: string): string
  proof(proof: ReasoningProof): string
  /** Something else follows: what comes then is of another block. */
  interrupt(): void
}

export function reasoningDeltas(): ReasoningDeltas {
  let index = 0
  let isOpen = false
  const interrupt = (): void => {
    if (isOpen) index++
    isOpen = false
  }
  return {
    interrupt,
    text(text) {
      isOpen = true
      const json = JSON.stringify(text)
      return `"reasoning_content":${json},"thinking_blocks":[{"index":${index},"type":"thinking","thinking":${json}}]`
    },
    proof(proof) {
      if (proof.kind === 'encrypted') interrupt()
      const value = JSON.stringify(packProof(proof))
      const block =
        proof.kind === 'encrypted'
          ? `"type":"redacted_thinking","data":${value}`
          : `"type":"thinking","thinking":"","signature":${value}`
      const delta = `"thinking_blocks":[{"index":${index},${block}}]`
      index++
      isOpen = false
      return delta
    },
  }
}
