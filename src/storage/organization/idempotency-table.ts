import type { Changed, ChangeReply, IdempotencyClaim, StoredEntity } from './change.ts'

/** How long a repeated request is one change. */
const KEPT_MS = 24 * 60 * 60 * 1000

type Row = {
  fingerprint: string
  entity: string
  version: number
  master_key_id: string | null
  salt: string | null
}

/** What a request that came before is to be answered with; undefined where it did not. */
export function findReplay(
  sql: SqlStorage,
  { keyHash, fingerprint }: IdempotencyClaim,
  at: string,
): ChangeReply | undefined {
  const [row] = sql
    .exec<Row>(
      `SELECT fingerprint, entity, version, master_key_id, salt FROM idempotency
        WHERE key_hash = ? AND ends_at > ?`,
      keyHash,
      at,
    )
    .toArray()
  if (!row) return undefined
  if (row.fingerprint !== fingerprint) return { kind: 'other-request' }
  const { entity: json, version, master_key_id: masterKeyId, salt } = row
  const secret = masterKeyId === null || salt === null ? null : { masterKeyId, salt }
  const value: Changed = { json, version, replayed: { secret } }
  return { kind: 'ok', value }
}

/** Keeps the answer to a request for a day, in the transaction that makes the change; a secret is not in it. */
export function rememberAnswer(
  sql: SqlStorage,
  { keyHash, fingerprint, secret }: IdempotencyClaim,
  { json, version, at }: StoredEntity & { at: string },
): void {
  sql.exec(
    `INSERT OR REPLACE INTO idempotency
      (key_hash, fingerprint, entity, version, master_key_id, salt, ends_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    keyHash,
    fingerprint,
    json,
    version,
    secret?.masterKeyId ?? null,
    secret?.salt ?? null,
    new Date(Date.parse(at) + KEPT_MS).toISOString(),
  )
}

/** Forgets the answers that were kept long enough. */
export function removeEndedAnswers(sql: SqlStorage, now: string): void {
  sql.exec(`DELETE FROM idempotency WHERE ends_at <= ?`, now)
}
