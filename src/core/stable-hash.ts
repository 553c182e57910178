import { base62 } from './encoding.ts'

/**
 * A short name that follows from a text alone, in base 62: the same in every runtime and every year, since ids made of
 * it come back in later requests. Not for secrets: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv), twice 32 bits.
 */
export function stableHash(text: string, length: number): string {
  const high = fnv1a(text, 0x811c9dc5) & 0x1fffff
  const low = fnv1a(text, 0x01000193)
  return base62(high * 2 ** 32 + low, length)
}

/**
 * A number of at least 0 and below 1 that follows from a text alone, and is as good as random for another text, however
 * alike the two are: FNV-1a, stirred as in MurmurHash3 (https://github.com/aappleby/smhasher/wiki/MurmurHash3).
 */
export function stableFraction(text: string): number {
  const high = stirred(fnv1a(text, 0x811c9dc5)) >>> 11
  const low = stirred(fnv1a(text, 0x01000193))
  return (high * 2 ** 32 + low) / 2 ** 53
}

function stirred(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

function fnv1a(text: string, seed: number): number {
  let hash = seed
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}
