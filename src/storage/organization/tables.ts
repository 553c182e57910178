import { apiKeyTable } from './api-key-table.ts'
import { endpointTable } from './endpoint-table.ts'
import { organizationTable } from './organization-table.ts'
import { providerKeyTable } from './provider-key-table.ts'
import { routeTable } from './route-table.ts'
import type { Table } from './table.ts'
import { tokenTable } from './token-table.ts'

/** Every table that management reads and changes, by the name that the Durable Object is asked with. */
export const tables = {
  organization: organizationTable,
  api_key: apiKeyTable,
  provider_key: providerKeyTable,
  endpoint: endpointTable,
  route: routeTable,
  token: tokenTable,
} as const satisfies Record<string, Table>

export type ResourceName = keyof typeof tables
