import { removeEndedHashes } from './api-key-table.ts'
import { removeEndedAnswers } from './idempotency-table.ts'
import { readOrganization } from './organization-table.ts'
import { outboxOf } from './outbox.ts'

/** What ends by itself: replaced API keys at the end of their overlap, and the answers kept for repeated requests. */

/** Removes what has ended, and notes what that makes out of date. */
export function removeEnded(sql: SqlStorage, nowMs: number): void {
  const organization = readOrganization(sql)
  if (!organization) return
  const now = new Date(nowMs).toISOString()
  const outbox = outboxOf(sql, organization.id)
  for (const hash of removeEndedHashes(sql, now)) outbox.apiKey(hash)
  removeEndedAnswers(sql, now)
}

/** When the next of them ends, or undefined where nothing does. */
export function nextEndMs(sql: SqlStorage): number | undefined {
  // The first of each by its index: one minimum of both would read all of them.
  const query = `SELECT min(ends_at) AS ends_at FROM (
    SELECT min(valid_until) AS ends_at FROM replaced_api_keys
    UNION ALL SELECT min(ends_at) FROM idempotency)`
  const { ends_at } = sql.exec<{ ends_at: string | null }>(query).one()
  return ends_at === null ? undefined : Date.parse(ends_at)
}
