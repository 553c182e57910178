import { apiKeyKind, endpointKind, type Kind, providerKeyKind, routeKind } from '../kinds.ts'

/** A part of the settings file, and what its entries may say. */
export interface Section {
  /** As the file calls it. */
  readonly name: string
  readonly kind: Kind
  /** Members that are compared with what is stored. */
  readonly members: readonly string[]
  /** Members that name where a secret is. */
  readonly secrets: readonly string[]
  /** Members that must be there. */
  readonly required: readonly string[]
  /** What tells one entry from another; it cannot be changed. */
  readonly identity: readonly string[]
  /** What the gateway wants when one is made, and the file may leave out. */
  readonly defaults: Readonly<Record<string, unknown>>
  /** What the gateway wants said again, as the file has it, along with a member that changes. */
  readonly along?: Readonly<Record<string, readonly string[]>>
}

/** In the order in which they are made, since later ones name earlier ones; they are deleted in the opposite order. */
export const SECTIONS: readonly Section[] = [
  {
    name: 'api_keys',
    kind: apiKeyKind,
    members: ['name', 'providers', 'models', 'limits', 'expires_at', 'disabled'],
    secrets: [],
    required: ['name'],
    identity: ['name'],
    defaults: {},
  },
  {
    name: 'provider_keys',
    kind: providerKeyKind,
    members: ['name', 'provider', 'api_keys', 'priority', 'models', 'settings', 'disabled'],
    secrets: ['provider_key'],
    required: ['name', 'provider', 'provider_key'],
    identity: ['provider', 'name'],
    defaults: { api_keys: [] },
  },
  {
    name: 'endpoints',
    kind: endpointKind,
    members: [
      'name',
      'kind',
      'base_url',
      'reach',
      'auth',
      'models',
      'default_model',
      'capabilities',
      'timeouts',
    ],
    secrets: ['api_key', 'headers'],
    required: ['name'],
    identity: ['name'],
    defaults: { reach: 'url' },
    along: {
      base_url: ['api_key', 'headers'],
      reach: ['api_key', 'headers'],
      api_key: ['auth'],
    },
  },
  {
    name: 'routes',
    kind: routeKind,
    members: ['name', 'strategy', 'sticky', 'hedge_after_ms', 'timeouts', 'targets'],
    secrets: [],
    required: ['name', 'targets'],
    identity: ['name'],
    defaults: { strategy: 'fallback' },
  },
]
