import type { ReasoningPart } from '../../core/chat.ts'
import type { JsonObject } from '../../core/parse.ts'
import { needString, needWord, readObjects, readString } from '../../core/read.ts'
import { joinReasoning, unpackProof } from '../../core/reasoning-proof.ts'

/**
 * Reasoning that a model is given back. OpenAI's own format has none; these are what other servers and gateways of it
 * agreed on: the text as `reasoning_content` (or `reasoning`), and as `thinking_blocks` the text in the provider's blocks
 * with their proofs, in order. https://docs.litellm.ai/docs/reasoning_content
 */
export const REASONING_MEMBERS = ['reasoning_content', 'reasoning', 'thinking_blocks'] as const

export function decodeReasoning(message: JsonObject, path: string): readonly ReasoningPart[] {
  const blocks = readObjects(message, 'thinking_blocks', path) ?? []
  if (blocks.length > 0)
    return joined(
      blocks.map((block, index) => decodeBlock(block, `${path}thinking_blocks.${index}.`)),
    )
  const text =
    readString(message, 'reasoning_content', path) ?? readString(message, 'reasoning', path) ?? ''
  return text === '' ? [] : [{ kind: 'reasoning', text }]
}

function decodeBlock(block: JsonObject, path: string): ReasoningPart {
  const type = needWord(block, 'type', ['thinking', 'redacted_thinking'], path)
  if (type === 'redacted_thinking') {
    const proof = unpackProof(needString(block, 'data', path), 'encrypted')
    return { kind: 'reasoning', text: '', proof }
  }
  const text = needString(block, 'thinking', path)
  const signature = readString(block, 'signature', path) ?? ''
  if (signature === '') return { kind: 'reasoning', text }
  return { kind: 'reasoning', text, proof: unpackProof(signature, 'signature') }
}

/** The other way round from `encodeBlocks`. */
function joined(parts: readonly ReasoningPart[]): readonly ReasoningPart[] {
  const list: ReasoningPart[] = []
  for (const part of parts) {
    const last = list.at(-1)
    const one = last === undefined ? undefined : joinReasoning(last, part)
    if (one === undefined) list.push(part)
    else list[list.length - 1] = one
  }
  return list
}
