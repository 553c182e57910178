import { checksum } from './api-key-format.ts'
import { randomBase62 } from './encoding.ts'

/**
 * What the tokens look like that are not API keys: a prefix, and then like an API key the organization's 16
 * characters, 32 random ones and a checksum of 6, so that the organization is known before anything is read.
 */
const SHAPE = /^kw[mc]_([0-9A-Za-z]{16})[0-9A-Za-z]{32}([0-9A-Za-z]{6})$/

/** `kwm_` manages an organization; with `kwc_` a connector dials in. */
export type TokenPrefix = 'kwm_' | 'kwc_'

/** A new token for an organization; `randomBytes` is the platform's cryptographic source. */
export function newToken(
  prefix: TokenPrefix,
  organizationId: string,
  randomBytes: (count: number) => Uint8Array,
): string {
  const body = `${prefix}${organizationId.slice('org_'.length)}${randomBase62(32, randomBytes)}`
  return body + checksum(body)
}

/** The id of the organization that a token names, or undefined when it is no such token. Says nothing of existence. */
export function organizationOfToken(prefix: TokenPrefix, token: string): string | undefined {
  const match = token.startsWith(prefix) ? SHAPE.exec(token) : null
  if (!match || checksum(token.slice(0, -6)) !== match[2]) return undefined
  return `org_${match[1]}`
}
