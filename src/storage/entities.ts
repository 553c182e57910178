import type { JsonObject } from '../core/parse.ts'
import type { Metering } from './records.ts'

/** What management sees of each resource: the public shapes of the contract, with nothing secret in them. */

export interface Organization {
  readonly id: string
  readonly name: string
  readonly metering: Metering
  readonly created_at: string
}

export interface ApiKey {
  readonly id: string
  readonly name: string
  /** The last four characters of the key. */
  readonly hint: string
  readonly expires_at: string | null
  readonly providers: readonly string[]
  readonly models: readonly string[]
  readonly disabled: boolean
  readonly created_at: string
  readonly created_by: string
  readonly last_used_at: string | null
}

export interface ProviderKey {
  readonly id: string
  readonly provider: string
  readonly name: string
  readonly created_at: string
  readonly created_by: string
  readonly api_key_ids: readonly string[]
  readonly priority: number
  readonly models: readonly string[]
  readonly disabled: boolean
  readonly hint: string | null
  readonly settings: JsonObject
  readonly updated_at: string
  readonly last_used_at: string | null
  readonly last_error: string | null
}

/** A provider key on its way in or out of the Durable Object, where settings stay JSON text. */
export interface StoredProviderKey extends Omit<ProviderKey, 'settings'> {
  readonly settings: string
}

/** What the Durable Object answers about one thing: a tag, because error classes do not survive the way back. */
export type Reply<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  | { readonly kind: 'unknown-organization' }
  | { readonly kind: 'not-found' }
