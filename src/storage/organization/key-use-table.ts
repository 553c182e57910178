import { credentialName, type Sealed } from '../use/credential-name.ts'
import type { KeyUse, ToldHealth } from '../use/key-use.ts'

/**
 * Writes when keys were last used and what went wrong. Reports of several isolates come in any order: the latest
 * counts, but for what went wrong with a credential that has been replaced since: isolates use one for a while longer.
 * No key has a new version for it, and nothing is to be published.
 */
export function recordKeyUse(
  sql: SqlStorage,
  { apiKeys, providerKeys, errors, credentials = {}, health = {} }: KeyUse,
): void {
  const isReplaced = (id: string): boolean =>
    credentials[id] !== undefined && credentials[id] !== presentCredential(sql, id)
  // An id is in one of the tables only.
  for (const [table, column, times] of [
    ['api_keys', 'last_used_at', apiKeys],
    ['provider_keys', 'last_used_at', providerKeys],
    ['endpoints', 'last_success_at', providerKeys],
  ] as const) {
    for (const [id, at] of Object.entries(times)) {
      sql.exec(
        `UPDATE ${table} SET ${column} = ?1
          WHERE id = ?2 AND (${column} IS NULL OR ${column} < ?1)`,
        at,
        id,
      )
    }
  }
  for (const [id, error] of Object.entries(errors)) {
    if (isReplaced(id)) continue
    for (const table of ['provider_keys', 'endpoints']) {
      sql.exec(
        `UPDATE ${table} SET last_error = ?1
          WHERE id = ?2 AND coalesce(json_extract(last_error, '$.at'), '') < ?3`,
        JSON.stringify(error),
        id,
        error.at,
      )
    }
  }
  for (const [id, all] of Object.entries(health)) {
    if (isReplaced(id)) continue
    for (const table of ['provider_keys', 'endpoints']) {
      for (const told of all) recordHealth(sql, { table, id }, told)
    }
  }
}

/** The name of the credential that a provider key or an endpoint has now; undefined where there is no such. */
function presentCredential(sql: SqlStorage, id: string): string | undefined {
  const queries = [
    `SELECT id, sealed FROM provider_keys WHERE id = ?`,
    `SELECT id, base_url, sealed_api_key, sealed_headers FROM endpoints WHERE id = ?`,
  ]
  const [found] = queries.flatMap((query) => sql.exec<Row>(query, id).toArray())
  return found && credentialName(found)
}

type Row = Sealed & Record<string, SqlStorageValue>

/** What lasts longest is what is shown; it goes when it is over, or was long enough ago and the key has answered since. */
function recordHealth(
  sql: SqlStorage,
  { table, id }: { readonly table: string; readonly id: string },
  { at, news }: ToldHealth,
): void {
  switch (news.kind) {
    case 'troubled':
      sql.exec(
        `UPDATE ${table} SET health = ?1
          WHERE id = ?2 AND coalesce(json_extract(health, '$.until'), '') < ?3`,
        JSON.stringify(news.health),
        id,
        news.health.until,
      )
      return
    case 'recovered':
      sql.exec(
        `UPDATE ${table} SET health = NULL
          WHERE id = ?1 AND json_extract(health, '$.model') IS ?2
            AND json_extract(health, '$.since') <= ?3`,
        id,
        news.model,
        at,
      )
      return
    case 'answered':
      sql.exec(
        `UPDATE ${table} SET health = NULL WHERE id = ?1 AND json_extract(health, '$.until') < ?2`,
        id,
        at,
      )
      return
    default:
      news satisfies never
  }
}
