import type { JsonObject } from '../../core/parse.ts'
import type { KeyLimits } from '../../limits/key-limits.ts'

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
  /** Not there where it has none. */
  readonly limits?: KeyLimits
  /** Of a key that was replaced: when its overlap ends. It stops then, whether the record is still there or not. */
  readonly valid_until?: string
}

/** `org/{organization id}` */
export interface OrganizationRecord {
  readonly id: string
  readonly name: string
  readonly metering: Metering
  /** Not there where there are none. */
  readonly endpoints?: readonly EndpointRecord[]
  /** Not there where there are none. */
  readonly routes?: readonly RouteRecord[]
}

/** A private model server, its secrets sealed. */
export interface EndpointRecord {
  readonly id: string
  readonly name: string
  readonly kind: EndpointKind
  readonly reach: EndpointReach
  /** Null where a connector dials in and knows the address itself. */
  readonly base_url: string | null
  readonly auth: EndpointAuth
  readonly sealed_api_key: string | null
  /** A JSON object from header names to values, sealed. */
  readonly sealed_headers: string | null
  readonly models: readonly string[]
  readonly default_model: string | null
  readonly capabilities: JsonObject
  readonly timeouts: Timeouts
  /** SHA-256 of the tokens that a connector may dial in with, at most two. */
  readonly connector_hashes: readonly string[]
}

/** What an endpoint speaks: OpenAI's formats, or Edge RAG's own chat. */
export type EndpointKind = 'openai-compatible' | 'edge-rag'

/** How an endpoint is reached: at a public address, or by a program beside the model that dials in. */
export type EndpointReach = 'url' | 'connector'

/**
 * Where an endpoint's key goes; `caller`: each caller brings a bearer token of its own, and none is stored; `entra`: what is
 * stored is an app of Entra's, for which bearer tokens are minted.
 */
export type EndpointAuth = 'bearer' | 'api-key' | 'x-api-key' | 'none' | 'caller' | 'entra'

/** How long an answer is waited for; what is not there is as usual. */
export interface Timeouts {
  readonly first_byte_ms?: number
  readonly idle_ms?: number
  readonly total_ms?: number
}

/** An organization's name for an ordered set of targets. */
export interface RouteRecord {
  readonly id: string
  readonly name: string
  readonly strategy: RouteStrategy
  /** Not there where it is `conversation`. */
  readonly sticky?: RouteStickiness
  /** When the next target is tried beside one that has not begun to answer. Not there where it waits its turn. */
  readonly hedge_after_ms?: number
  /** How long each target is waited for. Not there where the route says nothing of it. */
  readonly timeouts?: Timeouts
  readonly targets: readonly RouteTarget[]
}

export type RouteStrategy = 'fallback' | 'weighted'

/** What keeps to one target of a weighted route: all turns of a conversation, or nothing. */
export type RouteStickiness = 'conversation' | 'none'

/** One place that a route leads to. */
export interface RouteTarget {
  readonly model: string
  readonly weight?: number
  /** The region or location at the provider, where the caller names none. */
  readonly region?: string
  /** Request fields that replace the caller's. */
  readonly overrides?: JsonObject
  /** They go before the route's. */
  readonly timeouts?: Timeouts
  readonly parameters?: TargetParameters
}

/** What a target does to fields of a request, beside replacing them. */
export interface TargetParameters {
  /** The most that a number in the caller's request may be. */
  readonly max?: Readonly<Record<string, number>>
  /** What fields of the request that is sent are called by the target's server. */
  readonly rename?: Readonly<Record<string, string>>
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
