import type { ReasoningFamily, ReasoningPart } from '../../core/chat.ts'
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
  const parts = blocks.map((block, index) => decodeBlock(block, `${path}thinking_blocks.${index}.`))
  const shown =
    readString(message, 'reasoning_content', path) ?? readString(message, 'reasoning', path) ?? ''
  const isWhole = blocks.every(isAtItsPlace) && saysTheSame(parts, shown)
  return isWhole && parts.length > 0 ? joined(parts) : remains(parts, shown)
}

/**
 * Clients that do not know blocks join the pieces of a stream as they please: OpenAI's own keeps the last piece of each
 * member, which leaves a signature without the text that it signs. A provider refuses that, or blocks of which some are
 * missing, but none that are missing all: so blocks that cannot be what was sent count as not there.
 */
function saysTheSame(parts: readonly ReasoningPart[], shown: string): boolean {
  if (shown === '') return true
  const text = parts.map((part) => part.text).join('')
  return text === shown || withoutSpace(text) === withoutSpace(shown)
}

const withoutSpace = (text: string): string => text.replaceAll(/\s+/g, '')

/** Blocks that are left of a stream's pieces still say which they were. */
function isAtItsPlace({ index }: JsonObject, place: number): boolean {
  return typeof index !== 'number' || index === place
}

/** What holds by itself, else the text as it was shown. */
function remains(parts: readonly ReasoningPart[], shown: string): readonly ReasoningPart[] {
  const sealed = parts.filter(({ proof }) => proof !== undefined && SEALED.has(proof.family))
  if (sealed.length > 0) return sealed
  return shown === '' ? [] : [{ kind: 'reasoning', text: shown }]
}

/** Whose encrypted reasoning has no need of the text that sums it up, nor of other blocks. */
const SEALED: ReadonlySet<ReasoningFamily> = new Set(['gpt', 'grok'])

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
