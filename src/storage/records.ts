import type { JsonObject } from '../core/parse.ts'

/** What the data plane finds in KV, and under which name. docs/storage.md shows each with an example. */

/** What is recorded of an organization's traffic: tokens on the universal surfaces, everywhere, or nowhere. */
export type Metering = 'universal' | 'all' | 'off'

/** `key/{SHA-256 of the API key, hex}` */
export interface ApiKeyRecord {
  readonly id: string
  readonly organization_id: string
  readonly disabled: boolean
  /** As `Date.toISOString` writes it, whatever was sent. */
  readonly expires_at: string | null
  /** Empty: every provider. */
  readonly providers: readonly string[]
  /** Empty: every model. */
  readonly models: readonly string[]
}

/** `org/{organization id}` */
export interface OrganizationRecord {
  readonly id: string
  readonly name: string
  readonly metering: Metering
}

/** `org/{organization id}/{provider}`: all keys for one provider, low priority first, then oldest first. */
export interface ProviderKeysRecord {
  readonly keys: readonly SealedProviderKey[]
}

/** A provider key whose credential is still sealed. */
export interface SealedProviderKey {
  readonly id: string
  readonly sealed: string
  /** Empty: the whole organization. An id may belong to an API key that is gone. */
  readonly api_key_ids: readonly string[]
  readonly priority: number
  readonly models: readonly string[]
  readonly disabled: boolean
  readonly settings: JsonObject
  readonly created_at: string
}

/** The KV key of each record. */
export const recordKey = {
  apiKey: (hash: string) => `key/${hash}`,
  organization: (organizationId: string) => `org/${organizationId}`,
  providerKeys: (organizationId: string, provider: string) => `org/${organizationId}/${provider}`,
  /** A minted token, sealed; not JSON. */
  token: (organizationId: string, name: string) => `token/${organizationId}/${name}`,
} as const
