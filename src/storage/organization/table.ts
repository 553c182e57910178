import { type JsonObject, tryParseJson } from '../../core/parse.ts'
import type { outboxOf } from './outbox.ts'
import { type Page, pageOf, type PageRequest } from './page.ts'

/** How a field is kept in its column. */
export type ColumnKind = 'plain' | 'boolean' | 'json'

/** Why a change is refused; it names the field, never a value. */
export interface Refusal {
  readonly kind: 'refused'
  readonly code: 'invalid_request' | 'conflict'
  readonly message: string
  readonly param: string
}

/**
 * One kind of thing that an organization owns, as columns of a table. Beside what is listed here every table has
 * `seq`, which numbers the rows, and `version`, which counts their changes.
 */
export interface Table {
  /** What the audit log calls it. */
  readonly resource: string
  readonly table: string
  /** What management may see, in the order in which it is shown. */
  readonly columns: Readonly<Record<string, ColumnKind>>
  /** What never leaves storage, and the field whose change it stands for. */
  readonly hidden: Readonly<Record<string, string>>
  /** Whether there is an `updated_at` to keep. */
  readonly keepsUpdateTime: boolean
  /** Notes what a row makes out of date in KV, as it was before a change or as it is after. */
  markStale(outbox: ReturnType<typeof outboxOf>, sql: SqlStorage, row: JsonObject): void
  /** What cannot be judged without the other rows. */
  check?(sql: SqlStorage, fields: JsonObject, id: string | undefined): Refusal | undefined
  /** Removes what belongs to a row that goes. */
  onDelete?(sql: SqlStorage, id: string): void
}

type Cells = Record<string, SqlStorageValue>
type NumberedCells = Cells & { seq: number }

/** Adds a row. */
export function insertRow(sql: SqlStorage, table: Table, fields: JsonObject): void {
  const names = Object.keys(fields)
  const marks = names.map(() => '?').join(', ')
  sql.exec(
    `INSERT INTO ${table.table} (${names.join(', ')}) VALUES (${marks})`,
    ...names.map((name) => cellOf(table, name, fields[name])),
  )
}

/** One row by its id, with what is hidden and its `version`. */
export function findRow(sql: SqlStorage, table: Table, id: string): JsonObject | undefined {
  const [cells] = sql.exec<Cells>(`SELECT * FROM ${table.table} WHERE id = ?`, id).toArray()
  return cells && rowOf(table, cells)
}

/** A page of rows, oldest first. */
export function listRows(
  sql: SqlStorage,
  table: Table,
  { after, limit }: PageRequest,
): Page<JsonObject> {
  const query = `SELECT * FROM ${table.table} WHERE seq > ? ORDER BY seq LIMIT ?`
  const rows = sql.exec<NumberedCells>(query, after, limit + 1).toArray()
  return pageOf(rows, limit, (cells) => rowOf(table, cells))
}

/** Writes some columns of a row, which thereby has a new version. */
export function updateRow(
  sql: SqlStorage,
  table: Table,
  { id, fields }: { id: string; fields: JsonObject },
): void {
  const names = Object.keys(fields)
  const assignments = [...names.map((name) => `${name} = ?`), 'version = version + 1']
  sql.exec(
    `UPDATE ${table.table} SET ${assignments.join(', ')} WHERE id = ?`,
    ...names.map((name) => cellOf(table, name, fields[name])),
    id,
  )
}

/** Removes a row. */
export function deleteRow(sql: SqlStorage, table: Table, id: string): void {
  sql.exec(`DELETE FROM ${table.table} WHERE id = ?`, id)
}

/** What management may see of a row. */
export function publicFields(table: Table, row: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(table.columns).map((name) => [name, row[name]]))
}

/** Whether two values of a column are the same to whoever reads them. */
export function isSameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function rowOf(table: Table, cells: Cells): JsonObject {
  return Object.fromEntries(
    Object.entries(cells).map(([name, cell]) => [name, valueOf(kindOf(table, name), cell)]),
  )
}

function valueOf(kind: ColumnKind | undefined, cell: SqlStorageValue): unknown {
  if (kind === 'boolean') return cell !== 0
  return kind === 'json' && typeof cell === 'string' ? tryParseJson(cell) : cell
}

function kindOf(table: Table, name: string): ColumnKind | undefined {
  return Object.hasOwn(table.columns, name) ? table.columns[name] : undefined
}

/** A name that is not a column would become SQL: what is not listed is a mistake of ours, whoever sent it. */
function cellOf(table: Table, name: string, value: unknown): SqlStorageValue {
  const kind = kindOf(table, name)
  if (kind === undefined && !Object.hasOwn(table.hidden, name)) {
    throw new TypeError(`${table.table} has no column for a field`)
  }
  if (kind === 'json') return JSON.stringify(value)
  if (kind === 'boolean') return Number(value === true)
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  throw new TypeError(`${table.table}.${name} cannot be stored`)
}
