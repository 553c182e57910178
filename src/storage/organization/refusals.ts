import type { Refusal } from './table.ts'

/** Refuses a name that another row has; `id` is the row that may keep its own. */
export function nameIsTaken(
  sql: SqlStorage,
  { table, name, id }: { table: string; name: unknown; id: string | undefined },
): Refusal | undefined {
  if (typeof name !== 'string') return undefined
  const query = `SELECT 1 FROM ${table} WHERE name = ? AND id <> ?`
  if (sql.exec(query, name, id ?? '').toArray().length === 0) return undefined
  const message = 'name is taken by another one of this organization.'
  return { kind: 'refused', code: 'conflict', message, param: 'name' }
}

/** Refuses one more than an organization may have; a row that is there already is not one more. */
export function tooMany(
  sql: SqlStorage,
  { table, most, id }: { table: string; most: number; id: string | undefined },
): Refusal | undefined {
  if (id !== undefined) return undefined
  const { count } = sql.exec<{ count: number }>(`SELECT count(*) AS count FROM ${table}`).one()
  if (count < most) return undefined
  const message = `An organization has at most ${most} ${table}.`
  return { kind: 'refused', code: 'conflict', message, param: 'name' }
}
