import type {
  AssistantMessage,
  AssistantPart,
  ReasoningPart,
  ReasoningProof,
} from '../../core/chat.ts'
import type { ToolCallPairs } from '../../core/tool-call-pairs.ts'
import { type CacheTarget, cachePoints } from './cache-points.ts'
import { callInWords, encodeCall } from './calls.ts'
import { textBlock } from './content.ts'
import type { ConverseProfile, ConverseProofs } from './profile.ts'
import type { Block } from './wire.ts'

export interface AssistantTarget extends CacheTarget {
  readonly profile: Pick<ConverseProfile, 'caching' | 'proofs'>
  readonly calls: ToolCallPairs
  /** Calls and results are told in words. */
  readonly flattensCalls: boolean
}

/** Whether there is anything in a message that can be given back. */
export function saysSomething({ content }: AssistantMessage): boolean {
  return content.some(isSaid)
}

function isSaid(part: AssistantPart): boolean {
  if (part.kind === 'tool-call') return true
  return part.kind !== 'reasoning' && textBlock(part.text) !== undefined
}

/** The blocks of an answer, or of a part of one. */
export function encodeAssistant({ content }: AssistantMessage, target: AssistantTarget): Block[] {
  const blocks = content.flatMap((part) => encodePart(part, target))
  // An answer that was cut off while it was being thought about cannot end so.
  while (blocks.length > 0 && isReasoning(blocks.at(-1))) blocks.pop()
  return blocks
}

function encodePart(part: AssistantPart, target: AssistantTarget): Block[] {
  switch (part.kind) {
    case 'text':
    case 'refusal': {
      const block = textBlock(part.text)
      if (block === undefined) return []
      const mark = part.kind === 'text' ? part.cache : undefined
      return [block, ...cachePoints(mark, 'messages', target)]
    }
    case 'reasoning':
      return encodeReasoning(part, target.profile.proofs)
    case 'tool-call': {
      const id = target.calls.open(part)
      const block = target.flattensCalls ? callInWords(part) : encodeCall(part, id)
      return [block, ...cachePoints(part.cache, 'messages', target)]
    }
    default:
      return part satisfies never
  }
}

/** Exactly as it came, and with its proof only: unsigned reasoning is refused by some models and repeated by others. */
function encodeReasoning({ text, proof }: ReasoningPart, proofs: ConverseProofs): Block[] {
  const value = proof === undefined ? undefined : valueOfProof(proof, proofs)
  if (value === undefined || value === '') return []
  return proof?.kind === 'encrypted'
    ? [{ reasoningContent: { redactedContent: value } }]
    : [{ reasoningContent: { reasoningText: { text, signature: value } } }]
}

/** The proof for a value of the provider's; those of a family of several makers say whose they are. */
export function proofOf(
  kind: ReasoningProof['kind'],
  value: string,
  { family, maker }: ConverseProofs,
): ReasoningProof {
  return { family, kind, value: maker === '' ? value : `${maker}:${value}` }
}

/** The value for the provider; undefined where the proof is another model's. */
function valueOfProof({ family, value }: ReasoningProof, own: ConverseProofs): string | undefined {
  if (family !== own.family) return undefined
  if (own.maker === '') return value
  return value.startsWith(`${own.maker}:`) ? value.slice(own.maker.length + 1) : undefined
}

/** Whether an answer begins with reasoning when it is given back to the model. */
export function beginsWithReasoning(
  { content }: AssistantMessage,
  proofs: ConverseProofs,
): boolean {
  const first = content.find((part) => isSaid(part) || isGivenBack(part, proofs))
  return first?.kind === 'reasoning'
}

function isGivenBack(part: AssistantPart, proofs: ConverseProofs): boolean {
  return part.kind === 'reasoning' && encodeReasoning(part, proofs).length > 0
}

function isReasoning(block: Block | undefined): boolean {
  return block !== undefined && 'reasoningContent' in block
}
