import type { Refusal } from './table.ts'

/** Whose change it is, and under which conditions it is made: what goes along with every change of the record. */
export interface Change {
  /** `admin`, the id of a management token, or a person's email address. */
  readonly actor: string
  readonly at: string
  readonly ip: string | null
  readonly userAgent: string | null
  /** Such as `create`; the audit log puts the resource in front. */
  readonly action: string
  /** The versions that may be changed; null for any. */
  readonly ifMatch: readonly number[] | null
  readonly idempotency: IdempotencyClaim | null
}

/** What makes a repeated request one change. */
export interface IdempotencyClaim {
  /** Hash of the actor and the `Idempotency-Key`. */
  readonly keyHash: string
  /** Hash of method, path and body. */
  readonly fingerprint: string
  /** What the secret in the answer was derived with, where there is one. */
  readonly secret: SecretOrigin | null
}

/** What, with the request itself and the master key, makes a derived secret again. */
export interface SecretOrigin {
  readonly masterKeyId: string
  /** 16 random bytes in hex. */
  readonly salt: string
}

/** A thing as management sees it, as JSON text: `unknown` cannot cross from the Durable Object typed. */
export interface StoredEntity {
  readonly json: string
  readonly version: number
}

/** A change that was made, now or when it was first asked for. */
export interface Changed extends StoredEntity {
  readonly replayed: { readonly secret: SecretOrigin | null } | null
}

/** What the Durable Object answers: a tag, because error classes do not survive the way back. */
export type Reply<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  | { readonly kind: 'unknown-organization' }
  | { readonly kind: 'not-found' }

/** What it answers to a change. */
export type ChangeReply =
  | Reply<Changed>
  | Refusal
  | { readonly kind: 'other-version' }
  | { readonly kind: 'other-request' }
