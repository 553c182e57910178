import type { JsonObject } from '../../core/parse.ts'
import type { KeyLimits } from '../../limits/key-limits.ts'
import type {
  EndpointAuth,
  EndpointKind,
  EndpointReach,
  Metering,
  RouteStickiness,
  RouteStrategy,
  RouteTarget,
  Timeouts,
} from '../replica/records.ts'
import type { KeyHealth } from '../use/key-health.ts'
import type { KeyError } from '../use/key-use.ts'

/** What management sees of each resource: its public shape, with nothing secret in it. */

/** Something together with the number of its present version, which management knows as its `ETag`. */
export type Versioned<Entity> = Entity & { readonly version: number }

/** What a management token or a person may do: read, write all but tokens, write everything. */
export type Role = 'viewer' | 'admin' | 'owner'

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
  readonly limits: KeyLimits | null
  readonly disabled: boolean
  readonly created_at: string
  readonly created_by: string
  readonly last_used_at: string | null
}

export interface CredentialSource {
  readonly source: 'env' | 'passthrough'
  /** Of the secret. */
  readonly name?: string
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
  /** Where the credential is to be found, as it was said; null where it is stored here. */
  readonly source: CredentialSource | null
  readonly settings: JsonObject
  readonly updated_at: string
  readonly last_used_at: string | null
  readonly last_error: KeyError | null
  readonly health: KeyHealth | null
}

export interface Endpoint {
  readonly id: string
  readonly name: string
  readonly kind: EndpointKind
  readonly base_url: string | null
  readonly reach: EndpointReach
  readonly auth: EndpointAuth
  /** The last characters of its key, or null. */
  readonly hint: string | null
  /** Which headers go with each request; their values are sealed. */
  readonly header_names: readonly string[]
  readonly models: readonly string[]
  readonly default_model: string | null
  readonly capabilities: JsonObject
  readonly timeouts: Timeouts
  readonly connector_tokens: readonly ConnectorToken[]
  readonly created_at: string
  readonly created_by: string
  readonly updated_at: string
  readonly last_success_at: string | null
  readonly last_error: KeyError | null
  readonly health: KeyHealth | null
}

/** A token that a connector may dial in with, without the token. */
export interface ConnectorToken {
  readonly hint: string
  readonly created_at: string
  readonly created_by: string
}

export interface Route {
  readonly id: string
  readonly name: string
  readonly strategy: RouteStrategy
  readonly sticky: RouteStickiness
  readonly hedge_after_ms: number | null
  readonly timeouts: Timeouts
  readonly targets: readonly RouteTarget[]
  readonly created_at: string
  readonly created_by: string
  readonly updated_at: string
}

export interface ManagementToken {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** The last four characters of the token. */
  readonly hint: string
  readonly created_at: string
  readonly created_by: string
  readonly expires_at: string | null
}

/** One change: who, what, when, from where, and how it was before and after, without secrets. */
export interface AuditEntry {
  readonly id: string
  readonly at: string
  readonly actor: string
  /** Such as `api_key.rotate`. */
  readonly action: string
  readonly resource: string
  readonly resource_id: string
  readonly ip: string | null
  readonly user_agent: string | null
  readonly before: JsonObject | null
  readonly after: JsonObject | null
}
