import type { Column } from './table.ts'

/** A kind of thing that an organization has. */
export interface Kind {
  /** Where they are, under the organization. */
  readonly path: string
  /** What the command is called. */
  readonly command: string
  readonly noun: string
  /** What its ids begin with. */
  readonly prefix: string
  readonly columns: readonly Column[]
}

export const organizationKind: Kind = {
  path: '',
  command: 'orgs',
  noun: 'organization',
  prefix: 'org',
  columns: [
    ['ID', 'id'],
    ['NAME', 'name'],
    ['METERING', 'metering'],
    ['CREATED', 'created_at'],
  ],
}

export const apiKeyKind: Kind = {
  path: '/api-keys',
  command: 'api-keys',
  noun: 'API key',
  prefix: 'key',
  columns: [
    ['ID', 'id'],
    ['NAME', 'name'],
    ['KEY', 'hint'],
    ['PROVIDERS', 'providers'],
    ['MODELS', 'models'],
    ['LIMITS', 'limits'],
    ['DISABLED', 'disabled'],
    ['EXPIRES', 'expires_at'],
    ['LAST USED', 'last_used_at'],
  ],
}

export const providerKeyKind: Kind = {
  path: '/provider-keys',
  command: 'provider-keys',
  noun: 'provider key',
  prefix: 'pk',
  columns: [
    ['ID', 'id'],
    ['PROVIDER', 'provider'],
    ['NAME', 'name'],
    ['ENDS IN', 'hint'],
    ['SOURCE', 'source.source'],
    ['PRIORITY', 'priority'],
    ['API KEYS', 'api_key_ids'],
    ['MODELS', 'models'],
    ['DISABLED', 'disabled'],
    ['HEALTH', 'health.state'],
    ['LAST USED', 'last_used_at'],
    ['LAST ERROR', 'last_error.message'],
  ],
}

export const endpointKind: Kind = {
  path: '/endpoints',
  command: 'endpoints',
  noun: 'endpoint',
  prefix: 'ep',
  columns: [
    ['ID', 'id'],
    ['NAME', 'name'],
    ['REACH', 'reach'],
    ['BASE URL', 'base_url'],
    ['AUTH', 'auth'],
    ['MODELS', 'models'],
    ['ONLINE', 'status.online_connectors'],
    ['HEALTH', 'status.health.state'],
    ['LAST ERROR', 'status.last_error.message'],
  ],
}

export const routeKind: Kind = {
  path: '/routes',
  command: 'routes',
  noun: 'route',
  prefix: 'rt',
  columns: [
    ['ID', 'id'],
    ['NAME', 'name'],
    ['STRATEGY', 'strategy'],
    ['TARGETS', 'targets'],
  ],
}

export const tokenKind: Kind = {
  path: '/tokens',
  command: 'tokens',
  noun: 'management token',
  prefix: 'tok',
  columns: [
    ['ID', 'id'],
    ['NAME', 'name'],
    ['ROLE', 'role'],
    ['CREATED BY', 'created_by'],
    ['CREATED', 'created_at'],
    ['EXPIRES', 'expires_at'],
  ],
}
