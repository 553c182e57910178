import { hex } from '../../core/encoding.ts'
import { TimedCache } from '../../core/timed-cache.ts'

/** A digest is a crossing into the runtime, which on a warm request would be a tenth of what Keyway adds. */
const MAX_HASHES = 2_000
const hashes = new TimedCache<string>(MAX_HASHES)

/** The SHA-256 of a text's UTF-8 bytes. */
export function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
}

/**
 * All that is ever stored of an API key or a token: its SHA-256 in lower-case hex. It has 190 random bits, so a slow hash
 * would protect nothing and cost every request.
 */
export async function hashSecret(key: string): Promise<string> {
  const known = hashes.get(key, 0)
  if (known !== undefined) return known
  const hash = hex(await sha256(key))
  hashes.set(key, hash, Infinity)
  return hash
}
