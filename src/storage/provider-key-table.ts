import { findRow } from './table.ts'
import type { Table } from './table.ts'
import { apiKeyTable } from './api-key-table.ts'
import { objectOf, stringsOf } from './json-column.ts'
import type { ProviderKeysRecord, SealedProviderKey } from './records.ts'

/** The organization's own credentials at the providers, sealed. */
export const providerKeyTable: Table = {
  resource: 'provider_key',
  table: 'provider_keys',
  columns: {
    id: 'plain',
    provider: 'plain',
    name: 'plain',
    created_at: 'plain',
    created_by: 'plain',
    api_key_ids: 'json',
    priority: 'plain',
    models: 'json',
    disabled: 'boolean',
    hint: 'plain',
    source: 'json',
    settings: 'json',
    updated_at: 'plain',
    last_used_at: 'plain',
    last_error: 'json',
    health: 'json',
  },
  hidden: { sealed: 'provider_key' },
  keepsUpdateTime: true,
  markStale(outbox, _, { provider }) {
    outbox.providerKeys(String(provider))
  },
  check(sql, { api_key_ids: ids }, id) {
    if (!Array.isArray(ids)) return undefined
    // What it names already may stay: the API key may have been deleted since.
    const known: unknown =
      id === undefined ? [] : findRow(sql, providerKeyTable, id)?.['api_key_ids']
    const index = ids.findIndex(
      (entry) =>
        !(Array.isArray(known) && known.includes(entry)) &&
        !findRow(sql, apiKeyTable, String(entry)),
    )
    if (index < 0) return undefined
    const param = `api_key_ids[${index}]`
    const message = `${param} is not the id of an API key of this organization.`
    return { kind: 'refused', code: 'invalid_request', message, param }
  },
}

type Row = {
  id: string
  sealed: string
  api_key_ids: string
  priority: number
  models: string
  disabled: number
  settings: string
  created_at: string
}

/** What the data plane knows of the keys for one provider, in the order in which they are to be tried. */
export function providerKeysRecord(
  sql: SqlStorage,
  provider: string,
): ProviderKeysRecord | undefined {
  const keys = sql
    .exec<Row>(
      `SELECT id, sealed, api_key_ids, priority, models, disabled, settings, created_at
        FROM provider_keys WHERE provider = ? ORDER BY priority, seq`,
      provider,
    )
    .toArray()
    .map(sealedKeyOf)
  return keys.length === 0 ? undefined : { keys }
}

/** The same of one key, as JSON, with the provider that it is for. */
export function findSealedKey(
  sql: SqlStorage,
  id: string,
): { provider: string; json: string } | undefined {
  const [row] = sql
    .exec<Row & { provider: string }>(
      `SELECT provider, id, sealed, api_key_ids, priority, models, disabled, settings, created_at
        FROM provider_keys WHERE id = ?`,
      id,
    )
    .toArray()
  if (row === undefined) return undefined
  const { provider, ...key } = row
  return { provider, json: JSON.stringify(sealedKeyOf(key)) }
}

function sealedKeyOf({ api_key_ids, models, disabled, settings, ...same }: Row): SealedProviderKey {
  return {
    ...same,
    api_key_ids: stringsOf(api_key_ids),
    models: stringsOf(models),
    disabled: disabled !== 0,
    settings: objectOf(settings),
  }
}
