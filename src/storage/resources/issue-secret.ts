import { hex } from '../../core/encoding.ts'
import { GatewayError } from '../../core/errors.ts'
import { readSettings } from '../env.ts'
import type { Change, ChangeReply, SecretOrigin } from '../organization/change.ts'
import type { Versioned } from '../organization/entities.ts'
import type { OrganizationObject } from '../organization/organization-object.ts'
import {
  changedOf,
  changeOf,
  changeRecord,
  entityOf,
  type RepeatableRequest,
  type WriteContext,
} from '../organization/record-access.ts'
import type { MasterKey } from '../sealed/master-keys.ts'
import { hashSecret } from '../sealed/sha256.ts'

/**
 * Secrets that are shown once: API keys, management tokens, connector tokens. Where the client sent an
 * `Idempotency-Key`, the secret's randomness is derived from a master key, the client's own key and a random salt of
 * which only the salt is stored. So the same request gives the same secret again, and storage still holds nothing
 * but its hash. Why: docs/decisions/2026-11-21-repeated-requests.md.
 */

/** Makes a secret out of random bytes. */
export type SecretMaker = (randomBytes: (count: number) => Uint8Array) => string

const HINT_CHARACTERS = 4
const SALT_BYTES = 16
/** Far more than the 40 or so that a secret takes on average. */
const DERIVED_BYTES = 512

/** A secret on its way to its hash. */
export interface Issue {
  readonly organizationId: string
  /** What the thing is called in errors. */
  readonly what: string
  readonly action: string
  readonly make: SecretMaker
  readonly write: (
    record: DurableObjectStub<OrganizationObject>,
    next: { readonly hash: string; readonly hint: string },
    change: Change,
  ) => Promise<ChangeReply>
}

/** Issues a secret of which the record keeps the hash, and gives it together with what it now belongs to. */
export async function issueSecret<Entity>(
  context: WriteContext,
  { organizationId, what, action, make, write }: Issue,
): Promise<{ secret: string; entity: Versioned<Entity> }> {
  const { secret, origin } = await newSecret(context, organizationId, make)
  const change = changeOf(context, action, origin)
  const hash = await hashSecret(secret)
  const next = { hash, hint: secret.slice(-HINT_CHARACTERS) }
  const reply = await changeRecord(context.env, organizationId, (record) =>
    write(record, next, change),
  )
  const changed = changedOf(reply, what)
  const shown = changed.replayed
    ? await secretAgain(context, { organizationId, make, origin: changed.replayed.secret })
    : secret
  return { secret: shown, entity: entityOf<Entity>(changed) }
}

/** A new secret, and what it takes to make it again where it may be asked for again. */
async function newSecret(
  { idempotency, randomBytes, env }: WriteContext,
  organizationId: string,
  make: SecretMaker,
): Promise<{ secret: string; origin: SecretOrigin | null }> {
  if (!idempotency) return { secret: make(randomBytes), origin: null }
  const [masterKey] = readSettings(env).masterKeys
  const origin = { masterKeyId: masterKey.id, salt: hex(randomBytes(SALT_BYTES)) }
  const derivation = { masterKey, idempotency, organizationId, salt: origin.salt }
  return { secret: make(await derivedBytes(derivation)), origin }
}

/** The secret that the first such request was answered with. */
async function secretAgain(
  { idempotency, env }: WriteContext,
  again: { organizationId: string; make: SecretMaker; origin: SecretOrigin | null },
): Promise<string> {
  const { organizationId, make, origin } = again
  const masterKey = readSettings(env).masterKeys.find(({ id }) => id === origin?.masterKeyId)
  if (!origin || !idempotency || !masterKey) {
    throw new GatewayError(
      'idempotency_conflict',
      'This request was carried out before, and its secret cannot be shown again.',
    )
  }
  return make(await derivedBytes({ masterKey, idempotency, organizationId, salt: origin.salt }))
}

interface Derivation {
  readonly masterKey: MasterKey
  readonly idempotency: RepeatableRequest
  readonly organizationId: string
  readonly salt: string
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

async function derivedBytes({ masterKey, idempotency, organizationId, salt }: Derivation) {
  const root = await crypto.subtle.importKey('raw', masterKey.bytes, 'HKDF', false, ['deriveBits'])
  const { key, fingerprint } = idempotency
  const info = utf8(JSON.stringify(['keyway repeated v1', organizationId, key, fingerprint]))
  const bits = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: utf8(salt), info },
    root,
    DERIVED_BYTES * 8,
  )
  const bytes = new Uint8Array(bits)
  let taken = 0
  return (count: number): Uint8Array => {
    taken += count
    if (taken > bytes.length) throw new Error('a secret wanted more bytes than were derived')
    return bytes.subarray(taken - count, taken)
  }
}
