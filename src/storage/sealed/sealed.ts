import { base64url, fromBase64url } from '../../core/encoding.ts'
import { GatewayError } from '../../core/errors.ts'
import { TimedCache } from '../../core/timed-cache.ts'
import type { MasterKey, MasterKeys } from './master-keys.ts'

/**
 * Secrets at rest: `v1.{master key id}.{base64url(iv ‖ ciphertext ‖ tag)}`. AES-256-GCM under a key that HKDF-SHA-256
 * derives for each organization; what the value is bound to is additional authenticated data, so a sealed value that
 * is copied to another organization, record or use does not open.
 */

/** The one place where a sealed value opens. */
export interface SealBinding {
  readonly organizationId: string
  readonly recordId: string
  readonly purpose: string
}

const VERSION = 'v1'
const IV_BYTES = 12
const TAG_BYTES = 16
const SEALED = /^v1\.([0-9A-Za-z_-]{1,32})\.([0-9A-Za-z_-]+)$/
const MAX_DERIVED_KEYS = 1_000

const derivedKeys = new WeakMap<MasterKey, TimedCache<CryptoKey>>()

/** Seals with the first master key. Two seals of the same text differ. */
export async function seal(
  masterKeys: MasterKeys,
  binding: SealBinding,
  plaintext: string,
): Promise<string> {
  const [masterKey] = masterKeys
  const key = await derivedKey(masterKey, binding.organizationId)
  // Not an argument: an initialization vector that comes twice breaks AES-GCM.
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const ciphertext = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: boundData(masterKey, binding) },
    key,
    new TextEncoder().encode(plaintext),
  )
  const bytes = new Uint8Array(IV_BYTES + ciphertext.byteLength)
  bytes.set(iv)
  bytes.set(new Uint8Array(ciphertext), IV_BYTES)
  return `${VERSION}.${masterKey.id}.${base64url(bytes)}`
}

/** The text that was sealed for exactly this binding; anything else is an error that tells nothing of it. */
export async function open(
  masterKeys: MasterKeys,
  binding: SealBinding,
  sealed: string,
): Promise<string> {
  const [, masterKeyId, payload] = SEALED.exec(sealed) ?? []
  if (masterKeyId === undefined || payload === undefined) throw unopened('not a sealed value')
  const masterKey = masterKeys.find(({ id }) => id === masterKeyId)
  if (!masterKey) throw unopened('the master key that sealed it is not in MASTER_KEYS')
  const bytes = canonicalBytes(payload)
  if (!bytes || bytes.length < IV_BYTES + TAG_BYTES) throw unopened('not a sealed value')
  const key = await derivedKey(masterKey, binding.organizationId)
  const algorithm = {
    name: 'AES-GCM',
    iv: bytes.subarray(0, IV_BYTES),
    additionalData: boundData(masterKey, binding),
  }
  try {
    const plaintext = await crypto.subtle.decrypt(algorithm, key, bytes.subarray(IV_BYTES))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext)
  } catch {
    throw unopened('altered, or sealed for something else')
  }
}

/** One byte sequence has one spelling: decoders ignore spare bits at the end, and a changed value must not pass. */
function canonicalBytes(payload: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = fromBase64url(payload)
    return base64url(bytes) === payload ? bytes : undefined
  } catch {
    return undefined
  }
}

/** A JSON array, because joined text could mean two bindings. */
function boundData(masterKey: MasterKey, binding: SealBinding): Uint8Array {
  const { purpose, organizationId, recordId } = binding
  return new TextEncoder().encode(
    JSON.stringify([VERSION, masterKey.id, purpose, organizationId, recordId]),
  )
}

async function derivedKey(masterKey: MasterKey, organizationId: string): Promise<CryptoKey> {
  const cache = derivedKeys.get(masterKey) ?? new TimedCache<CryptoKey>(MAX_DERIVED_KEYS)
  derivedKeys.set(masterKey, cache)
  const known = cache.get(organizationId, 0)
  if (known) return known
  const root = await crypto.subtle.importKey('raw', masterKey.bytes, 'HKDF', false, ['deriveKey'])
  const info = new TextEncoder().encode(`keyway sealed ${VERSION} ${organizationId}`)
  const key = await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info },
    root,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
  // A derived key is the same forever: it leaves the cache only to make room.
  cache.set(organizationId, key, Infinity)
  return key
}

function unopened(reason: string): GatewayError {
  return new GatewayError('internal_error', 'A stored secret could not be opened.', {
    cause: new Error(reason),
  })
}
