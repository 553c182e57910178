import { hex } from '../../core/encoding.ts'
import { invalidRequest } from '../../core/errors.ts'
import type { RepeatableRequest } from '../../storage/organization/record-access.ts'
import { sha256 } from '../../storage/sealed/sha256.ts'
import type { ManagementContext } from './context.ts'
import { readText } from './read-body.ts'

/** Under which conditions a request wants its change: `If-Match` and `Idempotency-Key`. */

const MAX_ETAGS = 20

/**
 * The versions that `If-Match` allows; undefined where any will do. What is not an ETag of ours matches nothing, and
 * neither does a weak one (RFC 9110 §13.1.1).
 */
export function readIfMatch(c: ManagementContext): readonly number[] | undefined {
  const header = c.req.header('if-match')?.trim()
  if (header === undefined || header === '*') return undefined
  return header
    .split(',', MAX_ETAGS)
    .map((etag) => /^"(\d{1,15})"$/.exec(etag.trim())?.[1])
    .filter((version) => version !== undefined)
    .map(Number)
}

/** What makes this request one change however often it comes; undefined where it carries no key. */
export async function readIdempotencyKey(
  c: ManagementContext,
): Promise<RepeatableRequest | undefined> {
  const key = c.req.header('idempotency-key')
  if (key === undefined || c.req.method !== 'POST') return undefined
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw invalidRequest(
      'Idempotency-Key must be 1 to 255 visible ASCII characters.',
      'Idempotency-Key',
    )
  }
  // The actor is in it, so that nobody is answered with what somebody else made.
  const [keyHash, fingerprint] = await Promise.all([
    hashOf([c.get('managedBy'), key]),
    hashOf([key, c.req.method, c.req.path, await readText(c.req.raw.clone())]),
  ])
  return { key, keyHash, fingerprint }
}

async function hashOf(parts: readonly string[]): Promise<string> {
  return hex(await sha256(JSON.stringify(parts)))
}
