import type { JsonObject } from '../../core/parse.ts'
import { writeAudit } from './audit-table.ts'
import type { Change, ChangeReply } from './change.ts'
import { findReplay, rememberAnswer } from './idempotency-table.ts'
import { outboxOf } from './outbox.ts'
import {
  deleteRow,
  findRow,
  insertRow,
  isSameValue,
  publicFields,
  type Table,
  updateRow,
} from './table.ts'

/**
 * Changes of an organization's record. Each is to be called within a transaction: the rows, what they make out of
 * date in KV, the entry in the audit log and the answer kept for a repeated request are all written, or none is.
 */

/** Where a change is made. */
export interface Scope {
  readonly sql: SqlStorage
  readonly organizationId: string
}

/** Which row is changed, and how. */
export interface RowChange {
  readonly id: string
  readonly fields: JsonObject
  /** Writes what goes along with it, given the row as it was. */
  readonly alongside?: (before: JsonObject) => void
}

const NOT_FOUND = { kind: 'not-found' } as const
const OTHER_VERSION = { kind: 'other-version' } as const

/** Adds a row. */
export function applyInsert(
  scope: Scope,
  table: Table,
  { fields, change }: { fields: JsonObject; change: Change },
): ChangeReply {
  const { sql } = scope
  return once(scope, change, () => {
    const refusal = table.check?.(sql, fields, undefined)
    if (refusal) return refusal
    insertRow(sql, table, fields)
    return written(scope, change, { table, id: String(fields['id']), before: undefined })
  })
}

/** Changes the fields that are named, and only where one of them differs. */
export function applyUpdate(
  scope: Scope,
  table: Table,
  { id, fields, alongside, change }: RowChange & { change: Change },
): ChangeReply {
  const { sql, organizationId } = scope
  return once(scope, change, () => {
    const before = findRow(sql, table, id)
    if (!before) return NOT_FOUND
    if (!mayChange(change, before)) return OTHER_VERSION
    const refusal = table.check?.(sql, fields, id)
    if (refusal) return refusal
    if (Object.keys(fields).every((name) => isSameValue(before[name], fields[name]))) {
      return answerOf(table, before)
    }
    table.markStale(outboxOf(sql, organizationId), sql, before)
    alongside?.(before)
    const touched = table.keepsUpdateTime ? { ...fields, updated_at: change.at } : fields
    updateRow(sql, table, { id, fields: touched })
    return written(scope, change, { table, id, before })
  })
}

/** Removes a row. */
export function applyDelete(
  scope: Scope,
  table: Table,
  { id, change }: { id: string; change: Change },
): ChangeReply {
  const { sql, organizationId } = scope
  const before = findRow(sql, table, id)
  if (!before) return NOT_FOUND
  if (!mayChange(change, before)) return OTHER_VERSION
  table.markStale(outboxOf(sql, organizationId), sql, before)
  table.onDelete?.(sql, id)
  deleteRow(sql, table, id)
  writeAudit(sql, change, { table, before, after: undefined })
  return answerOf(table, before)
}

/** Whether the caller's `If-Match` allows a change of this row. */
export function mayChange({ ifMatch }: Change, { version }: JsonObject): boolean {
  return ifMatch === null || ifMatch.some((allowed) => allowed === version)
}

function once(scope: Scope, change: Change, make: () => ChangeReply): ChangeReply {
  const { idempotency, at } = change
  if (idempotency === null) return make()
  const replay = findReplay(scope.sql, idempotency, at)
  if (replay) return replay
  const reply = make()
  if (reply.kind === 'ok') rememberAnswer(scope.sql, idempotency, { ...reply.value, at })
  return reply
}

function written(
  { sql, organizationId }: Scope,
  change: Change,
  { table, id, before }: { table: Table; id: string; before: JsonObject | undefined },
): ChangeReply {
  const after = findRow(sql, table, id)
  if (!after) throw new Error('a row that was just written is not there')
  table.markStale(outboxOf(sql, organizationId), sql, after)
  writeAudit(sql, change, { table, before, after })
  return answerOf(table, after)
}

function answerOf(table: Table, row: JsonObject): ChangeReply {
  const json = JSON.stringify(publicFields(table, row))
  return { kind: 'ok', value: { json, version: Number(row['version']), replayed: null } }
}
