import { hex } from '../core/encoding.ts'

/** The SHA-256 of a text's UTF-8 bytes. */
export function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
}

/**
 * All that is ever stored of an API key: its SHA-256 in lower-case hex. The key has 190 random bits, so a slow hash
 * would protect nothing and cost every request.
 */
export async function hashApiKey(key: string): Promise<string> {
  return hex(await sha256(key))
}
