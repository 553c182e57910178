import { objectOf, stringsOf } from './json-column.ts'
import type { EndpointAuth, EndpointReach, EndpointRecord } from './records.ts'
import { nameIsTaken, tooMany } from './refusals.ts'
import type { Table } from './table.ts'

/** All of them are in `org/{id}`, which every cold request reads whole. */
const MAX_ENDPOINTS = 100

/** The organization's private model servers. */
export const endpointTable: Table = {
  resource: 'endpoint',
  table: 'endpoints',
  columns: {
    id: 'plain',
    name: 'plain',
    base_url: 'plain',
    reach: 'plain',
    auth: 'plain',
    hint: 'plain',
    header_names: 'json',
    models: 'json',
    default_model: 'plain',
    capabilities: 'json',
    timeouts: 'json',
    connector_tokens: 'json',
    created_at: 'plain',
    created_by: 'plain',
    updated_at: 'plain',
  },
  hidden: {
    sealed_api_key: 'api_key',
    sealed_headers: 'headers',
    connector_hashes: 'connector_token',
  },
  keepsUpdateTime: true,
  markStale(outbox) {
    outbox.policies()
  },
  check(sql, { name }, id) {
    return (
      nameIsTaken(sql, { table: 'endpoints', name, id }) ??
      tooMany(sql, { table: 'endpoints', most: MAX_ENDPOINTS, id })
    )
  },
}

type Row = {
  id: string
  name: string
  reach: EndpointReach
  base_url: string | null
  auth: EndpointAuth
  sealed_api_key: string | null
  sealed_headers: string | null
  models: string
  default_model: string | null
  capabilities: string
  timeouts: string
  connector_hashes: string
}

/** What the data plane knows of the endpoints, oldest first. */
export function endpointRecords(sql: SqlStorage): EndpointRecord[] {
  const query = `SELECT id, name, reach, base_url, auth, sealed_api_key, sealed_headers, models,
    default_model, capabilities, timeouts, connector_hashes FROM endpoints ORDER BY seq`
  return sql
    .exec<Row>(query)
    .toArray()
    .map(({ models, capabilities, timeouts, connector_hashes, ...same }) => ({
      ...same,
      models: stringsOf(models),
      capabilities: objectOf(capabilities),
      timeouts: objectOf(timeouts),
      connector_hashes: hashesOf(connector_hashes),
    }))
}

/** The hashes of an endpoint's connector tokens, newest last, from the text that they are kept as. */
export function hashesOf(column: unknown): string[] {
  return typeof column === 'string' && column !== '' ? column.split(',') : []
}
