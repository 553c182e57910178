import type { Scope } from './apply-change.ts'
import { endpointTable } from './endpoint-table.ts'
import { outboxOf } from './outbox.ts'
import { providerKeyTable } from './provider-key-table.ts'
import { findRow } from './table.ts'

/** Every column that holds a sealed value, with the purpose that it is sealed for. */
const SEALED_COLUMNS = [
  { table: providerKeyTable, column: 'sealed', purpose: 'provider-key' },
  { table: endpointTable, column: 'sealed_api_key', purpose: 'endpoint-key' },
  { table: endpointTable, column: 'sealed_headers', purpose: 'endpoint-headers' },
] as const

export type SealPurpose = (typeof SEALED_COLUMNS)[number]['purpose']

/** A sealed value and what it is bound to. */
export interface SealedValue {
  readonly purpose: SealPurpose
  readonly recordId: string
  readonly sealed: string
}

/** A sealed value, and what is to be in its place. */
export interface ResealedValue extends SealedValue {
  readonly resealed: string
}

/** How many sealed values there are, and some that another master key sealed. */
export interface SealedState {
  readonly current: number
  readonly others: readonly SealedValue[]
}

const MAX_AT_ONCE = 100

/** What this master key has sealed, and what others have. */
export function sealedState(sql: SqlStorage, masterKeyId: string): SealedState {
  const prefix = `v1.${masterKeyId}.`
  let current = 0
  const others: SealedValue[] = []
  for (const { table, column, purpose } of SEALED_COLUMNS) {
    const isCurrent = `substr(${column}, 1, ${prefix.length}) = ?`
    const { count } = sql
      .exec<{ count: number }>(
        `SELECT count(*) AS count FROM ${table.table} WHERE ${isCurrent}`,
        prefix,
      )
      .one()
    current += count
    const rows = sql.exec<{ id: string; sealed: string }>(
      `SELECT id, ${column} AS sealed FROM ${table.table}
        WHERE ${column} IS NOT NULL AND NOT ${isCurrent} ORDER BY seq LIMIT ?`,
      prefix,
      MAX_AT_ONCE,
    )
    for (const { id, sealed } of rows) others.push({ purpose, recordId: id, sealed })
  }
  return { current, others }
}

/** Puts new seals in place of old ones, but where the value changed meanwhile; gives the number that it replaced. */
export function replaceSealed(
  { sql, organizationId }: Scope,
  values: readonly ResealedValue[],
): number {
  const outbox = outboxOf(sql, organizationId, Date.now())
  let replaced = 0
  for (const { purpose, recordId, sealed, resealed } of values) {
    for (const { table, column } of SEALED_COLUMNS.filter((each) => each.purpose === purpose)) {
      const { rowsWritten } = sql.exec(
        `UPDATE ${table.table} SET ${column} = ? WHERE id = ? AND ${column} = ?`,
        resealed,
        recordId,
        sealed,
      )
      const row = rowsWritten > 0 ? findRow(sql, table, recordId) : undefined
      if (!row) continue
      replaced += 1
      table.markStale(outbox, sql, row)
    }
  }
  return replaced
}
