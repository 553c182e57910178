import type { ReasoningProof } from './chat.ts'
import { base64url, fromBase64url } from './encoding.ts'

/**
 * Ids of tool calls, on their way to a caller and back. Providers make ids that others refuse (`functions.get:0`), and
 * callers give back nothing of a call but its id: so an id that is not plain everywhere, or that has to carry a proof
 * along, is packed into one that is, and unpacked when it comes back: what was packed comes back whole, so no two ids
 * are ever packed into one.
 */

const PLAIN = /^[a-zA-Z0-9_-]{1,64}$/
const PACKED = 'kwid_'
/** Other gateways hang Gemini's signatures on ids this way too. */
const PROOF_MARK = '__thought__'
/** With this in it, an id and the mark behind it could be read as a mark that begins earlier. */
const HALF_MARK = '__thought'

export interface ToolCallIdentity {
  readonly id: string
  readonly proof?: ReasoningProof
}

/** The id to show to a caller. */
export function packToolCallId({ id, proof }: ToolCallIdentity): string {
  const plain = isPlain(id) ? id : PACKED + base64url(encoder.encode(id))
  return proof === undefined ? plain : plain + PROOF_MARK + base64url(encoder.encode(proof.value))
}

function isPlain(id: string): boolean {
  return PLAIN.test(id) && !id.startsWith(PACKED) && !id.includes(HALF_MARK)
}

/** What the caller's id stands for; the proof is Gemini's, the only one that belongs to calls. */
export function unpackToolCallId(packed: string): ToolCallIdentity {
  const mark = packed.indexOf(PROOF_MARK)
  const value = mark === -1 ? undefined : unpack(packed.slice(mark + PROOF_MARK.length))
  // What is not a proof behind the mark is part of an id that looks like ours by chance.
  const plain = value === undefined ? packed : packed.slice(0, mark)
  const inner = plain.startsWith(PACKED) ? unpack(plain.slice(PACKED.length)) : undefined
  // What need not have been packed was not: two ids of a caller's never become one.
  const id = inner === undefined || isPlain(inner) ? plain : inner
  if (value === undefined) return { id }
  return { id, proof: { family: 'gemini', kind: 'signature', value } }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function unpack(text: string): string | undefined {
  try {
    return decoder.decode(fromBase64url(text))
  } catch {
    return undefined
  }
}
