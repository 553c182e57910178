import type { JsonObject } from '../core/parse.ts'
import { objectOf, stringsOf } from './json-column.ts'
import type { EndpointAuth, EndpointKind, EndpointReach, EndpointRecord } from './records.ts'
import { nameIsTaken, tooMany } from './refusals.ts'
import { findRow } from './table.ts'
import type { Refusal, Table } from './table.ts'

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
    const row = id === undefined ? {} : findRow(sql, endpointTable, id)
    return (
      nameIsTaken(sql, { table: 'endpoints', name, id }) ??
      tooMany(sql, { table: 'endpoints', most: MAX_ENDPOINTS, id }) ??
      contradiction({ ...row, ...fields }) ??
      halfChange(row ?? {}, fields)
    )
  },
}

/** Where model servers look for their key. */
const KEY_HEADERS = new Set(['authorization', 'api-key', 'x-api-key'])

/** What cannot be meant together, in the row as it would be after the change. */
function contradiction(row: JsonObject): Refusal | undefined {
  const { reach, base_url: baseUrl, auth, sealed_api_key: key } = row
  const hasUrl = typeof baseUrl === 'string'
  if (reach === 'url' && !hasUrl) return refused('base_url', 'is missing: reach is url.')
  if (reach === 'connector' && hasUrl) {
    return refused('base_url', 'must be null where reach is connector: it knows its own target.')
  }
  if ((auth === 'none' || auth === 'caller') && typeof key === 'string') {
    return refused('auth', 'must say where the api_key goes, or api_key must be null.')
  }
  if (auth === 'entra' && typeof key !== 'string') {
    return refused('api_key', 'must be the app that tokens are minted for: auth is entra.')
  }
  const names = Array.isArray(row['header_names']) ? row['header_names'] : []
  const keys = names.filter((name) => KEY_HEADERS.has(String(name)))
  const hasKey = typeof key === 'string' || auth === 'caller'
  if (keys.length > 1 || (keys.length === 1 && hasKey)) {
    return refused('headers', 'must hold no second key for the model: some servers refuse two.')
  }
  return undefined
}

/** A key and Entra's credential do not go the same way: one that is changed for the other is changed with `auth`. */
function halfChange(
  row: JsonObject,
  { auth, sealed_api_key: key }: JsonObject,
): Refusal | undefined {
  const { auth: before, sealed_api_key: stored } = row
  if (auth === undefined && before === 'entra' && typeof key === 'string') {
    return refused('auth', 'must be said again with a new api_key: it is entra.')
  }
  const isOther = auth !== undefined && (auth === 'entra') !== (before === 'entra')
  if (isOther && key === undefined && typeof stored === 'string') {
    return refused('api_key', 'must be said anew: what is stored is for another auth.')
  }
  return undefined
}

function refused(param: string, demand: string): Refusal {
  return { kind: 'refused', code: 'invalid_request', message: `${param} ${demand}`, param }
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
