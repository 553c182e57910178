import type { KeyUse } from './key-use.ts'

/**
 * Writes when keys were last used and what went wrong. Reports of several isolates come in any order: the latest
 * counts. No key has a new version for it, and nothing is to be published.
 */
export function recordKeyUse(sql: SqlStorage, { apiKeys, providerKeys, errors }: KeyUse): void {
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
}
