import type { KeyUse } from './key-use.ts'

/**
 * Writes when keys were last used and what went wrong. Reports of several isolates come in any order: the latest
 * counts. No key has a new version for it, and nothing is to be published.
 */
export function recordKeyUse(sql: SqlStorage, { apiKeys, providerKeys, errors }: KeyUse): void {
  for (const [table, times] of [
    ['api_keys', apiKeys],
    ['provider_keys', providerKeys],
  ] as const) {
    for (const [id, at] of Object.entries(times)) {
      sql.exec(
        `UPDATE ${table} SET last_used_at = ?1
          WHERE id = ?2 AND (last_used_at IS NULL OR last_used_at < ?1)`,
        at,
        id,
      )
    }
  }
  for (const [id, error] of Object.entries(errors)) {
    sql.exec(
      `UPDATE provider_keys SET last_error = ?1
        WHERE id = ?2 AND coalesce(json_extract(last_error, '$.at'), '') < ?3`,
      JSON.stringify(error),
      id,
      error.at,
    )
  }
}
