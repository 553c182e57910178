import type { JsonObject } from '../../core/parse.ts'
import type { ApiKeyRecord } from '../replica/records.ts'
import { stringsOf } from './json-column.ts'
import { deleteLedger, limitsIn } from './limit-ledgers.ts'
import type { Table } from './table.ts'

/** API keys. Of a key itself only the hash is kept. */
export const apiKeyTable: Table = {
  resource: 'api_key',
  table: 'api_keys',
  columns: {
    id: 'plain',
    name: 'plain',
    hint: 'plain',
    expires_at: 'plain',
    providers: 'json',
    models: 'json',
    limits: 'json',
    disabled: 'boolean',
    created_at: 'plain',
    created_by: 'plain',
    last_used_at: 'plain',
  },
  hidden: { hash: 'key' },
  keepsUpdateTime: false,
  markStale(outbox, sql, { id, hash }) {
    outbox.apiKey(String(hash))
    for (const old of replacedHashes(sql, String(id))) outbox.apiKey(old)
  },
  onDelete(sql, id) {
    sql.exec(`DELETE FROM replaced_api_keys WHERE api_key_id = ?`, id)
    deleteLedger(sql, id)
  },
}

type Row = {
  id: string
  expires_at: string | null
  providers: string
  models: string
  limits: string | null
  disabled: number
  valid_until: string | null
}

/** What the data plane knows of the API key with this hash, be it the newest or one that still overlaps. */
export function apiKeyRecord(
  sql: SqlStorage,
  organizationId: string,
  hash: string,
): ApiKeyRecord | undefined {
  const [row] = sql
    .exec<Row>(
      `SELECT id, expires_at, providers, models, limits, disabled, NULL AS valid_until
        FROM api_keys WHERE hash = ?
      UNION ALL
      SELECT id, expires_at, providers, models, limits, disabled, valid_until
        FROM replaced_api_keys JOIN api_keys ON id = api_key_id WHERE replaced_api_keys.hash = ?`,
      hash,
      hash,
    )
    .toArray()
  if (!row) return undefined
  const limits = limitsIn(row.limits)
  return {
    id: row.id,
    organization_id: organizationId,
    disabled: row.disabled !== 0,
    expires_at: row.expires_at === null ? null : new Date(row.expires_at).toISOString(),
    providers: stringsOf(row.providers),
    models: stringsOf(row.models),
    ...(limits === undefined ? {} : { limits }),
    ...(row.valid_until === null ? {} : { valid_until: row.valid_until }),
  }
}

/**
 * Keeps the present hash of a key that is about to get a new one. Whatever was replaced before ends no later than
 * this one, so that an overlap of zero leaves nothing but the newest.
 */
export function keepReplacedHash(sql: SqlStorage, row: JsonObject, validUntil: string): void {
  const id = String(row['id'])
  sql.exec(
    `UPDATE replaced_api_keys SET valid_until = min(valid_until, ?) WHERE api_key_id = ?`,
    validUntil,
    id,
  )
  sql.exec(
    `INSERT INTO replaced_api_keys (hash, api_key_id, valid_until) VALUES (?, ?, ?)`,
    String(row['hash']),
    id,
    validUntil,
  )
}

/** Forgets the hashes whose overlap has ended, and gives them. */
export function removeEndedHashes(sql: SqlStorage, now: string): string[] {
  return hashesIn(
    sql.exec<{ hash: string }>(
      `DELETE FROM replaced_api_keys WHERE valid_until <= ? RETURNING hash`,
      now,
    ),
  )
}

function replacedHashes(sql: SqlStorage, id: string): string[] {
  return hashesIn(
    sql.exec<{ hash: string }>(`SELECT hash FROM replaced_api_keys WHERE api_key_id = ?`, id),
  )
}

function hashesIn(rows: SqlStorageCursor<{ hash: string }>): string[] {
  return rows.toArray().map(({ hash }) => hash)
}
