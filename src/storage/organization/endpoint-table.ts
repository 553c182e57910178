import type {
  EndpointAuth,
  EndpointKind,
  EndpointReach,
  EndpointRecord,
} from '../replica/records.ts'
import { contradiction, halfChange, idleToken, strayingSecret } from './endpoint-refusals.ts'
import { objectOf, stringsOf } from './json-column.ts'
import { noRoom } from './record-room.ts'
import { nameIsTaken, tooMany } from './refusals.ts'
import { findRow, type Table } from './table.ts'

/** All of them are in `org/{id}`, which every cold request reads whole. */
const MAX_ENDPOINTS = 100

/** The organization's private model servers. */
export const endpointTable: Table = {
  resource: 'endpoint',
  table: 'endpoints',
  columns: {
    id: 'plain',
    name: 'plain',
    kind: 'plain',
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
    last_success_at: 'plain',
    last_error: 'json',
    health: 'json',
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
  check(sql, fields, id) {
    const { name } = fields
    const row = id === undefined ? undefined : findRow(sql, endpointTable, id)
    return (
      nameIsTaken(sql, { table: 'endpoints', name, id }) ??
      tooMany(sql, { table: 'endpoints', most: MAX_ENDPOINTS, id }) ??
      contradiction({ ...row, ...fields }) ??
      (row && (halfChange(row, fields) ?? strayingSecret(row, fields) ?? idleToken(row, fields))) ??
      noRoom(sql, endpointTable, fields, row)
    )
  },
}

type Row = {
  id: string
  name: string
  kind: EndpointKind
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

const ROW = `SELECT id, name, kind, reach, base_url, auth, sealed_api_key, sealed_headers, models,
  default_model, capabilities, timeouts, connector_hashes FROM endpoints`

/** What the data plane knows of the endpoints, oldest first. */
export function endpointRecords(sql: SqlStorage): EndpointRecord[] {
  return sql.exec<Row>(`${ROW} ORDER BY seq`).toArray().map(recordIn)
}

/** The same of one endpoint, as JSON. */
export function findEndpointRecord(sql: SqlStorage, id: string): string | undefined {
  const [row] = sql.exec<Row>(`${ROW} WHERE id = ?`, id).toArray()
  return row && JSON.stringify(recordIn(row))
}

function recordIn({
  models,
  capabilities,
  timeouts,
  connector_hashes,
  ...same
}: Row): EndpointRecord {
  return {
    ...same,
    models: stringsOf(models),
    capabilities: objectOf(capabilities),
    timeouts: objectOf(timeouts),
    connector_hashes: hashesOf(connector_hashes),
  }
}

/** The hashes of an endpoint's connector tokens, newest last, from the text that they are kept as. */
export function hashesOf(column: unknown): string[] {
  return typeof column === 'string' && column !== '' ? column.split(',') : []
}
