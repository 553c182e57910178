import type { Metering, OrganizationRecord } from '../replica/records.ts'
import { endpointRecords } from './endpoint-table.ts'
import type { Organization } from './entities.ts'
import { outboxOf } from './outbox.ts'
import { routeRecords } from './route-table.ts'
import type { Table } from './table.ts'

/** The one row about the organization itself. */
export const organizationTable: Table = {
  resource: 'organization',
  table: 'organization',
  columns: { id: 'plain', name: 'plain', metering: 'plain', created_at: 'plain' },
  hidden: {},
  keepsUpdateTime: false,
  markStale(outbox) {
    outbox.organization()
  },
  check(sql, _, id) {
    if (id !== undefined || !readOrganization(sql)) return undefined
    const message = 'id is taken by another organization. Try again.'
    return { kind: 'refused', code: 'conflict', message, param: 'id' }
  },
}

type Row = { id: string; name: string; metering: Metering; created_at: string }

/** The organization, or undefined when it was deleted. */
export function readOrganization(sql: SqlStorage): Organization | undefined {
  const [row] = sql.exec<Row>(`SELECT id, name, metering, created_at FROM organization`).toArray()
  return row
}

/**
 * Notes that all that KV and the directory have of the organization is out of date, from `dueMs` on or at once; gives the
 * number of records in KV.
 */
export function markEverythingStale(sql: SqlStorage, id: string, dueMs?: number): number {
  const outbox = outboxOf(sql, id, dueMs)
  const hashes = sql
    .exec<{ hash: string }>(`SELECT hash FROM api_keys UNION SELECT hash FROM replaced_api_keys`)
    .toArray()
  for (const { hash } of hashes) outbox.apiKey(hash)
  const providers = sql
    .exec<{ provider: string }>(`SELECT DISTINCT provider FROM provider_keys`)
    .toArray()
  for (const { provider } of providers) outbox.providerKeys(provider)
  outbox.organization()
  return hashes.length + providers.length + 1
}

/** Removes the organization and everything that it owns; what is left to publish stays, and so does the audit log. */
export function deleteEverything(sql: SqlStorage): void {
  sql.exec(`DELETE FROM provider_keys; DELETE FROM api_keys; DELETE FROM replaced_api_keys;
    DELETE FROM endpoints; DELETE FROM routes; DELETE FROM tokens; DELETE FROM idempotency;
    DELETE FROM usage; DELETE FROM usage_batches; DELETE FROM limit_ledgers;
    DELETE FROM organization;`)
}

/** What the data plane knows of an organization: what it is, and where its own model names lead. */
export function organizationRecord(sql: SqlStorage): OrganizationRecord | undefined {
  const organization = readOrganization(sql)
  if (!organization) return undefined
  const { id, name, metering } = organization
  const endpoints = endpointRecords(sql)
  const routes = routeRecords(sql)
  return {
    id,
    name,
    metering,
    ...(endpoints.length === 0 ? {} : { endpoints }),
    ...(routes.length === 0 ? {} : { routes }),
  }
}
