import type { StoredProviderKey } from './entities.ts'
import { objectOf, stringsOf } from './json-column.ts'
import { pageOf } from './page.ts'
import type { Page, PageRequest } from './page.ts'
import type { ProviderKeysRecord, SealedProviderKey } from './records.ts'

type Row = {
  seq: number
  id: string
  provider: string
  name: string
  created_at: string
  created_by: string
  api_key_ids: string
  priority: number
  models: string
  disabled: number
  hint: string | null
  settings: string
  updated_at: string
  last_used_at: string | null
  last_error: string | null
}

// Without `sealed`: management never needs it.
const COLUMNS = `seq, id, provider, name, created_at, created_by, api_key_ids, priority, models, disabled, hint,
  settings, updated_at, last_used_at, last_error`

function providerKeyOf(row: Row): StoredProviderKey {
  const { seq: _, api_key_ids, models, disabled, ...same } = row
  return {
    ...same,
    api_key_ids: stringsOf(api_key_ids),
    models: stringsOf(models),
    disabled: disabled !== 0,
  }
}

/** Adds a provider key with its sealed credential. */
export function insertProviderKey(sql: SqlStorage, key: StoredProviderKey, sealed: string): void {
  sql.exec(
    `INSERT INTO provider_keys (id, provider, name, sealed, hint, api_key_ids, priority, models, disabled,
      settings, created_at, created_by, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    key.id,
    key.provider,
    key.name,
    sealed,
    key.hint,
    JSON.stringify(key.api_key_ids),
    key.priority,
    JSON.stringify(key.models),
    Number(key.disabled),
    key.settings,
    key.created_at,
    key.created_by,
    key.updated_at,
  )
}

/** One provider key by its id. */
export function findProviderKey(sql: SqlStorage, id: string): StoredProviderKey | undefined {
  const [row] = sql.exec<Row>(`SELECT ${COLUMNS} FROM provider_keys WHERE id = ?`, id).toArray()
  return row && providerKeyOf(row)
}

/** A page of provider keys, oldest first. */
export function listProviderKeys(
  sql: SqlStorage,
  { after, limit }: PageRequest,
): Page<StoredProviderKey> {
  const rows = sql
    .exec<Row>(
      `SELECT ${COLUMNS} FROM provider_keys WHERE seq > ? ORDER BY seq LIMIT ?`,
      after,
      limit + 1,
    )
    .toArray()
  return pageOf(rows, limit, providerKeyOf)
}

/** Removes a provider key and gives the provider that it was for, or undefined when there was none. */
export function deleteProviderKey(sql: SqlStorage, id: string): string | undefined {
  const [row] = sql
    .exec<{ provider: string }>(`DELETE FROM provider_keys WHERE id = ? RETURNING provider`, id)
    .toArray()
  return row?.provider
}

/** The providers that there is at least one key for. */
export function providersWithKeys(sql: SqlStorage): string[] {
  return sql
    .exec<{ provider: string }>(`SELECT DISTINCT provider FROM provider_keys`)
    .toArray()
    .map(({ provider }) => provider)
}

/** What the data plane knows of the keys for one provider, in the order in which they are to be tried. */
export function providerKeysRecord(
  sql: SqlStorage,
  provider: string,
): ProviderKeysRecord | undefined {
  const keys = sql
    .exec<Row & { sealed: string }>(
      `SELECT ${COLUMNS}, sealed FROM provider_keys WHERE provider = ? ORDER BY priority, seq`,
      provider,
    )
    .toArray()
    .map(sealedKeyOf)
  return keys.length === 0 ? undefined : { keys }
}

function sealedKeyOf(row: Row & { sealed: string }): SealedProviderKey {
  const { id, api_key_ids, priority, models, disabled, settings, created_at } = providerKeyOf(row)
  return {
    id,
    sealed: row.sealed,
    api_key_ids,
    priority,
    models,
    disabled,
    settings: objectOf(settings),
    created_at,
  }
}
