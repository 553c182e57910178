import type { JsonObject } from '../../core/parse.ts'
import type { ProviderKeysRecord, SealedProviderKey } from '../replica/records.ts'
import { apiKeyTable } from './api-key-table.ts'
import { objectOf, stringsOf } from './json-column.ts'
import { lengthOf } from './record-room.ts'
import { findRow, type Refusal, type Table } from './table.ts'

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
  check(sql, fields, id) {
    const row = id === undefined ? undefined : findRow(sql, providerKeyTable, id)
    return strangeApiKey(sql, fields, row) ?? tooMuch(sql, fields, row)
  },
}

function strangeApiKey(
  sql: SqlStorage,
  { api_key_ids: ids }: JsonObject,
  row: JsonObject | undefined,
): Refusal | undefined {
  if (!Array.isArray(ids)) return undefined
  // What it names already may stay: the API key may have been deleted since.
  const known = row?.['api_key_ids']
  const index = ids.findIndex(
    (entry) =>
      !(Array.isArray(known) && known.includes(entry)) && !findRow(sql, apiKeyTable, String(entry)),
  )
  if (index < 0) return undefined
  const param = `api_key_ids[${index}]`
  const message = `${param} is not the id of an API key of this organization.`
  return { kind: 'refused', code: 'invalid_request', message, param }
}

/** All keys for one provider are one KV value, which every cold request reads whole: far from the 25 MiB that KV takes. */
const MAX_KEYS = 1_000
const MAX_CHARACTERS = 5 * 1024 * 1024
const LONG_COLUMNS = ['sealed', 'api_key_ids', 'models', 'settings'] as const

/** A key that becomes no longer is never refused: it must always be possible to disable one. */
function tooMuch(
  sql: SqlStorage,
  fields: JsonObject,
  row: JsonObject | undefined,
): Refusal | undefined {
  const before = lengthOf(row ?? {}, LONG_COLUMNS)
  const after = lengthOf({ ...row, ...fields }, LONG_COLUMNS)
  if (row && after <= before) return undefined
  const { count, characters } = sql
    .exec<{ count: number; characters: number }>(
      `SELECT count(*) AS count, total(length(${LONG_COLUMNS.join(' || ')})) AS characters
        FROM provider_keys WHERE provider = ?`,
      String((row ?? fields)['provider']),
    )
    .one()
  const isTooMany = !row && count >= MAX_KEYS
  if (!isTooMany && characters - before + after <= MAX_CHARACTERS) return undefined
  const most = isTooMany ? `${MAX_KEYS} keys` : `${MAX_CHARACTERS} characters of keys`
  const message = `An organization has at most ${most} for one provider.`
  return { kind: 'refused', code: 'conflict', message, param: 'provider' }
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
