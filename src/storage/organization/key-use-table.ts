import type { KeyUse, ToldHealth } from '../use/key-use.ts'

/**
 * Writes when keys were last used and what went wrong. Reports of several isolates come in any order: the latest
 * counts. No key has a new version for it, and nothing is to be published.
 */
export function recordKeyUse(
  sql: SqlStorage,
  { apiKeys, providerKeys, errors, health = {} }: KeyUse,
): void {
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
    for (const table of ['provider_keys', 'endpoints']) {
      for (const told of all) recordHealth(sql, { table, id }, told)
    }
  }
}

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
