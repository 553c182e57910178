import type { JsonObject } from '../../core/parse.ts'
import type { Refusal, Table } from './table.ts'

/** Endpoints and routes are one KV value, `org/{id}`, which every cold request reads whole: far from the 25 MiB that KV takes. */
const MAX_CHARACTERS = 2 * 1024 * 1024

/** What can be long of them. */
const LONG_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  endpoints: [
    'base_url',
    'sealed_api_key',
    'sealed_headers',
    'models',
    'default_model',
    'capabilities',
  ],
  routes: ['targets'],
}

/**
 * Refuses what does not fit into the organization's record, and names the longest field. A row that becomes no longer is never
 * refused: it must always be possible to take a secret away.
 */
export function noRoom(
  sql: SqlStorage,
  table: Table,
  fields: JsonObject,
  row: JsonObject | undefined,
): Refusal | undefined {
  const columns = LONG_COLUMNS[table.table] ?? []
  const [before, after] = [lengthOf(row ?? {}, columns), lengthOf({ ...row, ...fields }, columns)]
  if (row && after <= before) return undefined
  const stored = Object.entries(LONG_COLUMNS)
    .map(([name, its]) => storedLength(sql, name, its))
    .reduce((sum, length) => sum + length)
  if (stored - before + after <= MAX_CHARACTERS) return undefined
  const [longest = ''] = columns.toSorted(
    (one, other) => lengthOf(fields, [other]) - lengthOf(fields, [one]),
  )
  const param = table.hidden[longest] ?? longest
  const message = `An organization has at most ${MAX_CHARACTERS} characters of endpoints and routes: shorten ${param}, or another one.`
  return { kind: 'refused', code: 'conflict', message, param }
}

/** The characters of some columns of a row, as they are stored. */
export function lengthOf(row: JsonObject, columns: readonly string[]): number {
  const texts = columns.map((name) => row[name] ?? '')
  return texts.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('')
    .length
}

/** The characters of some columns of all rows of a table. */
function storedLength(sql: SqlStorage, table: string, columns: readonly string[]): number {
  const length = columns.map((name) => `coalesce(length(${name}), 0)`).join(' + ')
  return sql
    .exec<{ characters: number }>(`SELECT total(${length}) AS characters FROM ${table}`)
    .one().characters
}
