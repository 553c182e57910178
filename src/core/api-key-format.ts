import { CRC_START, crcOf, crcOfByte } from './crc32.ts'
import { base62, randomBase62 } from './encoding.ts'

/**
 * What an API key looks like: `kw_`, the organization's 16 characters, 32 random ones, and a checksum of 6.
 * The organization is in the key so that its record can be read at the same time as the key's; the checksum refuses
 * garbage without a read (an accident guard, not a secret).
 */
const SHAPE = /^kw_([0-9A-Za-z]{16})[0-9A-Za-z]{32}([0-9A-Za-z]{6})$/

/** What marks a value as meant to be an API key of ours, well formed or not. `kwm_` is a management token. */
export const API_KEY_PREFIX = 'kw_'

export const ORGANIZATION_ID = /^org_[0-9A-Za-z]{16}$/

/** A new key for an organization; `randomBytes` is the platform's cryptographic source. */
export function newApiKey(
  organizationId: string,
  randomBytes: (count: number) => Uint8Array,
): string {
  const body = `${API_KEY_PREFIX}${organizationId.slice('org_'.length)}${randomBase62(32, randomBytes)}`
  return body + checksum(body)
}

/** The id of the organization that a key names, or undefined when the text is not a key. Says nothing of existence. */
export function organizationOfApiKey(key: string): string | undefined {
  const match = SHAPE.exec(key)
  if (!match || checksum(key.slice(0, -6)) !== match[2]) return undefined
  return `org_${match[1]}`
}

/** The CRC-32 of an ASCII text in six base-62 digits: a guard against accidents, not a secret. */
export function checksum(text: string): string {
  let state = CRC_START
  for (let at = 0; at < text.length; at++) state = crcOfByte(text.charCodeAt(at), state)
  return base62(crcOf(state), 6)
}
