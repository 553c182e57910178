import type { ReasoningPart } from '../../core/chat.ts'
import { base64url, fromBase64url } from '../../core/encoding.ts'
import { type JsonObject, tryParseJson } from '../../core/parse.ts'
import { readObjects, readString } from '../../core/read.ts'
import { GPT_REASONING, packProof, unpackProof } from '../../core/reasoning-proof.ts'

/**
 * Reasoning on its way to a caller and back. Callers keep `encrypted_content` for us and need not keep anything else, and
 * some give back no reasoning that has none, so it carries all that a provider wants to see again: OpenAI's own encryption
 * bare, for the others an envelope of the text and what proves it. Nothing of it is a secret, and a forged proof is refused
 * by the provider itself.
 */
const MARK = 'kwreason.'
/** In the place of a proof's kind where there is no proof. */
const UNPROVED = 'text'

/** What separates the parts of a summary, once they are one text. */
export const PARAGRAPH = '\n\n'

/** Undefined where there is no reasoning yet. */
export function packReasoning({ text, proof }: ReasoningPart): string | undefined {
  if (proof === undefined) return text === '' ? undefined : envelope(UNPROVED, '', text)
  const isOwn = proof.family === GPT_REASONING && proof.kind === 'encrypted'
  if (isOwn && !proof.value.startsWith(MARK)) return proof.value
  return envelope(proof.kind, packProof(proof), text)
}

function envelope(...members: readonly [kind: string, proof: string, text: string]): string {
  return MARK + base64url(encoder.encode(JSON.stringify(members)))
}

/** Whether a reasoning item is another family's, which its `encrypted_content` then is an envelope of. */
export function isForeignReasoning({ encrypted_content: packed }: JsonObject): boolean {
  return typeof packed === 'string' && packed.startsWith(MARK)
}

/** What a caller's reasoning item stands for; undefined for an empty one. */
export function decodeReasoningItem(item: JsonObject, path: string): ReasoningPart | undefined {
  const texts = [...textsOf(item, 'summary', path), ...textsOf(item, 'content', path)]
  const shown = texts.join(PARAGRAPH)
  const packed = readString(item, 'encrypted_content', path) ?? ''
  if (packed.startsWith(MARK)) return unpack(packed.slice(MARK.length)) ?? unproved(shown)
  if (packed === '') return unproved(shown)
  const proof = { family: GPT_REASONING, kind: 'encrypted', value: packed } as const
  return { kind: 'reasoning', text: shown, proof }
}

function unproved(text: string): ReasoningPart | undefined {
  return text === '' ? undefined : { kind: 'reasoning', text }
}

function unpack(packed: string): ReasoningPart | undefined {
  const members = tryParseJson(textOf(packed))
  if (!Array.isArray(members)) return undefined
  const [kind, proof, text]: readonly unknown[] = members
  if (typeof proof !== 'string' || typeof text !== 'string') return undefined
  if (kind === UNPROVED) return unproved(text)
  if (kind !== 'signature' && kind !== 'encrypted') return undefined
  return { kind: 'reasoning', text, proof: unpackProof(proof, kind) }
}

function textsOf(item: JsonObject, member: string, path: string): readonly string[] {
  const parts = readObjects(item, member, path) ?? []
  return parts.map((part, index) => readString(part, 'text', `${path}${member}.${index}.`) ?? '')
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(packed: string): string {
  try {
    return decoder.decode(fromBase64url(packed))
  } catch {
    return ''
  }
}
