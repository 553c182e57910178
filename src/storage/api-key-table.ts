import type { ApiKey } from './entities.ts'
import { stringsOf } from './json-column.ts'
import { pageOf } from './page.ts'
import type { Page, PageRequest } from './page.ts'
import type { ApiKeyRecord } from './records.ts'

type Row = {
  seq: number
  id: string
  name: string
  hint: string
  expires_at: string | null
  providers: string
  models: string
  disabled: number
  created_at: string
  created_by: string
  last_used_at: string | null
}

const COLUMNS =
  'seq, id, name, hint, expires_at, providers, models, disabled, created_at, created_by, last_used_at'

function apiKeyOf(row: Row): ApiKey {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    expires_at: row.expires_at,
    providers: stringsOf(row.providers),
    models: stringsOf(row.models),
    disabled: row.disabled !== 0,
    created_at: row.created_at,
    created_by: row.created_by,
    last_used_at: row.last_used_at,
  }
}

/** Adds an API key; of the key itself only the hash is kept. */
export function insertApiKey(sql: SqlStorage, key: ApiKey, hash: string): void {
  sql.exec(
    `INSERT INTO api_keys
      (id, hash, name, hint, expires_at, providers, models, disabled, created_at, created_by)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    key.id,
    hash,
    key.name,
    key.hint,
    key.expires_at,
    JSON.stringify(key.providers),
    JSON.stringify(key.models),
    Number(key.disabled),
    key.created_at,
    key.created_by,
  )
}

/** One API key by its id. */
export function findApiKey(sql: SqlStorage, id: string): ApiKey | undefined {
  const [row] = sql.exec<Row>(`SELECT ${COLUMNS} FROM api_keys WHERE id = ?`, id).toArray()
  return row && apiKeyOf(row)
}

/** A page of API keys, oldest first. */
export function listApiKeys(sql: SqlStorage, { after, limit }: PageRequest): Page<ApiKey> {
  const rows = sql
    .exec<Row>(
      `SELECT ${COLUMNS} FROM api_keys WHERE seq > ? ORDER BY seq LIMIT ?`,
      after,
      limit + 1,
    )
    .toArray()
  return pageOf(rows, limit, apiKeyOf)
}

/** Removes an API key and gives the hash that it was found by, or undefined when there was none. */
export function deleteApiKey(sql: SqlStorage, id: string): string | undefined {
  const [row] = sql
    .exec<{ hash: string }>(`DELETE FROM api_keys WHERE id = ? RETURNING hash`, id)
    .toArray()
  return row?.hash
}

/** The hashes of all API keys. */
export function apiKeyHashes(sql: SqlStorage): string[] {
  return sql
    .exec<{ hash: string }>(`SELECT hash FROM api_keys`)
    .toArray()
    .map(({ hash }) => hash)
}

/** What the data plane knows of the API key with this hash. */
export function apiKeyRecord(
  sql: SqlStorage,
  organizationId: string,
  hash: string,
): ApiKeyRecord | undefined {
  const [row] = sql.exec<Row>(`SELECT ${COLUMNS} FROM api_keys WHERE hash = ?`, hash).toArray()
  if (!row) return undefined
  const { id, disabled, expires_at, providers, models } = apiKeyOf(row)
  return {
    id,
    organization_id: organizationId,
    disabled,
    expires_at: expires_at === null ? null : new Date(expires_at).toISOString(),
    providers,
    models,
  }
}
