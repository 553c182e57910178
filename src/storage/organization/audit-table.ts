import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import type { Change } from './change.ts'
import { type Page, pageOf, type PageRequest } from './page.ts'
import { isSameValue, publicFields, type Table } from './table.ts'

/** What was changed: the rows before and after, of which only what management may see is written down. */
export interface Difference {
  readonly table: Table
  readonly before: JsonObject | undefined
  readonly after: JsonObject | undefined
}

/** Which entries are wanted; null for all. */
export interface AuditFilter {
  readonly actor: string | null
  readonly action: string | null
  /** A kind of resource, or the id of one. */
  readonly resource: string | null
  /** From this moment on. */
  readonly since: string | null
  /** Before this moment. */
  readonly until: string | null
}

/** A row may hold 2 MB; what is longer than this is said to be too long to show. */
const MAX_SIDE_CHARACTERS = 65_536

/** Writes a change down, in the transaction that makes it. */
export function writeAudit(sql: SqlStorage, change: Change, difference: Difference): void {
  const { table, before, after } = difference
  const shown = sides(difference)
  const id = (after ?? before)?.['id']
  sql.exec(
    `INSERT INTO audit_log (at, actor, action, resource, resource_id, ip, user_agent, before, after)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    change.at,
    change.actor,
    `${table.resource}.${change.action}`,
    table.resource,
    String(id),
    change.ip,
    change.userAgent,
    sideText(shown.before),
    sideText(shown.after),
  )
}

/** Writes down something that has no rows of its own to show, such as a re-sealing. */
export function writeAuditNote(
  sql: SqlStorage,
  change: Change,
  { resource, id, after }: { resource: string; id: string; after: JsonObject },
): void {
  sql.exec(
    `INSERT INTO audit_log (at, actor, action, resource, resource_id, ip, user_agent, before, after)
      VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?)`,
    change.at,
    change.actor,
    `${resource}.${change.action}`,
    resource,
    id,
    change.ip,
    change.userAgent,
    JSON.stringify(after),
  )
}

/** All that management sees of what was made or removed; of what was changed, only what differs. */
function sides({ table, before, after }: Difference): {
  before: JsonObject | null
  after: JsonObject | null
} {
  if (!before || !after) {
    return {
      before: before ? publicFields(table, before) : null,
      after: after ? publicFields(table, after) : null,
    }
  }
  const differs = (name: string): boolean => !isSameValue(before[name], after[name])
  const names = Object.keys(table.columns).filter(differs)
  const pick = (row: JsonObject): JsonObject =>
    Object.fromEntries(names.map((name) => [name, row[name]]))
  const replaced = Object.entries(table.hidden)
    .filter(([column]) => differs(column))
    .map(([column, field]) => [field, after[column] === null ? 'removed' : 'replaced'])
  return { before: pick(before), after: { ...pick(after), ...Object.fromEntries(replaced) } }
}

function sideText(side: JsonObject | null): string | null {
  if (side === null) return null
  const text = JSON.stringify(side)
  return text.length <= MAX_SIDE_CHARACTERS ? text : '{"too_long":true}'
}

type Row = {
  seq: number
  at: string
  actor: string
  action: string
  resource: string
  resource_id: string
  ip: string | null
  user_agent: string | null
  before: string | null
  after: string | null
}

/** A page of the log, newest first; each entry is JSON text, since what it holds crosses from the Durable Object. */
export function listAudit(
  sql: SqlStorage,
  filter: AuditFilter,
  { after, limit }: PageRequest,
): Page<string> {
  const rows = sql
    .exec<Row>(
      `SELECT * FROM audit_log WHERE (?1 = 0 OR seq < ?1) AND (?2 IS NULL OR actor = ?2)
        AND (?3 IS NULL OR action = ?3) AND (?4 IS NULL OR resource = ?4 OR resource_id = ?4)
        AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6) ORDER BY seq DESC LIMIT ?7`,
      after,
      filter.actor,
      filter.action,
      filter.resource,
      filter.since,
      filter.until,
      limit + 1,
    )
    .toArray()
  return pageOf(rows, limit, ({ seq, before, after: later, ...entry }) =>
    JSON.stringify({ id: `aud_${seq}`, ...entry, before: sideOf(before), after: sideOf(later) }),
  )
}

function sideOf(column: string | null): JsonObject | null {
  const value = column === null ? null : tryParseJson(column)
  return isObject(value) ? value : null
}
