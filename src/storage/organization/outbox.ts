import { recordKey } from '../replica/records.ts'

/**
 * What the replica does not have yet. A row names a KV key that is out of date, never its value: the value is read
 * from the tables at the moment of publishing, so any number of changes become one write of the newest state.
 */

/** What can be out of date: a record in KV, or the organization's entry in the directory. */
export type DirtyKind = 'api-key' | 'organization' | 'provider-keys' | 'directory'

/** One thing to publish. */
export interface OutboxEntry {
  /** The KV key, or `directory`. */
  readonly target: string
  readonly kind: DirtyKind
  /** The hash of the API key, the id of the organization, or the name of the provider. */
  readonly subject: string
  readonly organization_id: string
  /** Tells whether it changed again while it was on its way. */
  readonly version: number
  readonly attempts: number
}

// A type, since an interface has no index signature, which the platform's row type wants.
type Row = Pick<OutboxEntry, keyof OutboxEntry>

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 60_000

/** Before everything that is due at some time of the clock. */
const AT_ONCE_MS = 1

/**
 * Notes, within the caller's transaction, that an organization's records must be published: at once, or where nothing in
 * them has changed for anyone, with `dueMs` for when it is their turn.
 */
export function outboxOf(sql: SqlStorage, organizationId: string, dueMs = AT_ONCE_MS) {
  const mark = (target: string, kind: DirtyKind, subject: string): void => {
    // No key is taken without the organization's own record, so where everything is deleted, access ends with it.
    const isOwn = kind === 'organization' || kind === 'directory'
    const entry = { target, kind, subject, organization_id: organizationId }
    markAgain(sql, entry, isOwn ? dueMs - 1 : dueMs)
  }
  return {
    apiKey: (hash: string) => mark(recordKey.apiKey(hash), 'api-key', hash),
    providerKeys: (provider: string) =>
      mark(recordKey.providerKeys(organizationId, provider), 'provider-keys', provider),
    /** Its record in KV, where its routes and endpoints are too. */
    policies: () => mark(recordKey.organization(organizationId), 'organization', organizationId),
    /** Its record in KV and its entry in the directory. */
    organization: () => {
      mark(recordKey.organization(organizationId), 'organization', organizationId)
      mark('directory', 'directory', organizationId)
    },
  }
}

/**
 * Notes that one thing must be published, when it is due or was already. Its attempts start anew: what failed before may have
 * been its old value.
 */
export function markAgain(
  sql: SqlStorage,
  { target, organization_id, kind, subject }: Omit<OutboxEntry, 'version' | 'attempts'>,
  dueMs = AT_ONCE_MS,
): void {
  sql.exec(
    `INSERT INTO outbox (target, organization_id, kind, subject, version, attempts, due_ms)
      VALUES (?, ?, ?, ?, 1, 0, ?)
      ON CONFLICT (target) DO UPDATE
      SET version = version + 1, attempts = 0, due_ms = min(due_ms, excluded.due_ms)`,
    target,
    organization_id,
    kind,
    subject,
    dueMs,
  )
}

/** What may be tried now, at most `limit` of it. */
export function dueEntries(sql: SqlStorage, nowMs: number, limit: number): OutboxEntry[] {
  const query = `SELECT target, kind, subject, organization_id, version, attempts FROM outbox
    WHERE due_ms <= ? ORDER BY due_ms LIMIT ?`
  return sql.exec<Row>(query, nowMs, limit).toArray()
}

/** Forgets an entry that was published, unless it changed meanwhile. */
export function settle(sql: SqlStorage, { target, version }: OutboxEntry): void {
  sql.exec(`DELETE FROM outbox WHERE target = ? AND version = ?`, target, version)
}

/** Puts an entry that failed off: one second, then twice as long each time, up to a minute. */
export function postpone(sql: SqlStorage, entry: OutboxEntry, nowMs: number): void {
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** entry.attempts, LONGEST_RETRY_MS)
  sql.exec(
    `UPDATE outbox SET attempts = ?, due_ms = ? WHERE target = ? AND version = ?`,
    entry.attempts + 1,
    nowMs + delayMs,
    entry.target,
    entry.version,
  )
}

/** When the next attempt is due, or undefined when the replica has everything. */
export function nextDueMs(sql: SqlStorage): number | undefined {
  const query = `SELECT min(due_ms) AS due_ms FROM outbox`
  return sql.exec<{ due_ms: number | null }>(query).one().due_ms ?? undefined
}
