import { type TokenKind, TOKEN_KINDS } from '../../core/usage-record.ts'
import { COUNT_COLUMNS, KEY_COLUMNS, type UsageKey, type UsageRow } from '../use/usage-counts.ts'
import { BATCH_KNOWN_MS, type UsageBatch } from '../use/usage-log.ts'

/** How finely requests are counted; each is kept for its own time. */
export type Grain = 'minute' | 'hour' | 'day'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

interface Keeping {
  readonly lengthMs: number
  /** Undefined for what is kept for good. */
  readonly keptMs?: number
  /** Callers name models as they like, and keys are many: beyond so many rows of one time, what is new counts together. */
  readonly maxRows: number
}

export const KEEPING: Readonly<Record<Grain, Keeping>> = {
  minute: { lengthMs: MINUTE_MS, keptMs: 2 * DAY_MS, maxRows: 500 },
  hour: { lengthMs: HOUR_MS, keptMs: 60 * DAY_MS, maxRows: 2_000 },
  day: { lengthMs: DAY_MS, maxRows: 5_000 },
}

export const GRAINS = ['minute', 'hour', 'day'] as const satisfies readonly Grain[]

/** An object has 10 GB, and what remains of them is for changes: an organization can always revoke a key. */
const MAX_BYTES = 8e9

/**
 * Adds a batch to the counts, once: a batch that was told before changes nothing, and none does where the object is
 * nearly full. What was kept long enough goes first and in any case, so that there is room again.
 */
export function addUsage(
  storage: Pick<DurableObjectStorage, 'sql' | 'transactionSync'>,
  batch: UsageBatch,
  nowMs: number,
): void {
  const { sql } = storage
  storage.transactionSync(() => removeOld(sql, nowMs))
  if (sql.databaseSize < MAX_BYTES) storage.transactionSync(() => count(sql, batch, nowMs))
}

function removeOld(sql: SqlStorage, nowMs: number): void {
  for (const grain of GRAINS) {
    const { keptMs } = KEEPING[grain]
    if (keptMs === undefined) continue
    sql.exec(`DELETE FROM usage WHERE grain = ? AND start_ms < ?`, grain, nowMs - keptMs)
  }
  sql.exec(`DELETE FROM usage_batches WHERE at_ms < ?`, nowMs - BATCH_KNOWN_MS)
}

function count(sql: SqlStorage, { id, rows }: UsageBatch, nowMs: number): void {
  const isNew = sql.exec(
    `INSERT INTO usage_batches (id, at_ms) VALUES (?, ?) ON CONFLICT (id) DO NOTHING RETURNING id`,
    id,
    nowMs,
  )
  if (isNew.toArray().length === 0) return
  for (const grain of GRAINS) {
    const { lengthMs } = KEEPING[grain]
    const takeRoom = roomIn(sql, grain)
    for (const row of rows) {
      const startMs = Math.floor(row.minute_ms / lengthMs) * lengthMs
      const place = { grain, startMs }
      const isCounted = isKnown(sql, place, row) || takeRoom(startMs)
      addRow(sql, place, isCounted ? row : { ...row, ...OTHERS })
    }
  }
}

const OTHERS = {
  provider: '(other)',
  model: '(other)',
  api_key: '(other)',
  provider_key: '(other)',
  outcome: '(other)',
} as const satisfies UsageKey

const COLUMNS = ['grain', 'start_ms', ...KEY_COLUMNS, ...COUNT_COLUMNS, ...TOKEN_KINDS]
const SUMS = [
  ...COUNT_COLUMNS.map((name) => `${name} = ${name} + excluded.${name}`),
  // What one side does not know is no zero, unless the other side knows.
  ...TOKEN_KINDS.map((name) => `${name} = ${knownSum(name)}`),
]
const INSERT = `INSERT INTO usage (${COLUMNS.join(', ')})
  VALUES (${COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (grain, start_ms, ${KEY_COLUMNS.join(', ')}) DO UPDATE SET ${SUMS.join(', ')}`

function knownSum(name: TokenKind): string {
  return `iif(${name} IS NULL, excluded.${name}, ${name} + coalesce(excluded.${name}, 0))`
}

/** What is counted together: all that happened in one minute, hour or day. */
interface Place {
  readonly grain: Grain
  readonly startMs: number
}

function addRow(sql: SqlStorage, { grain, startMs }: Place, row: UsageRow): void {
  sql.exec(
    INSERT,
    grain,
    startMs,
    ...KEY_COLUMNS.map((name) => row[name]),
    ...COUNT_COLUMNS.map((name) => row[name]),
    ...TOKEN_KINDS.map((name) => row[name]),
  )
}

const SAME_KEY = KEY_COLUMNS.map((name) => `${name} = ?`).join(' AND ')

/** Whether a row is one more count of a row that is there. */
function isKnown(sql: SqlStorage, { grain, startMs }: Place, row: UsageRow): boolean {
  const known = sql.exec(
    `SELECT 1 FROM usage WHERE grain = ? AND start_ms = ? AND ${SAME_KEY}`,
    grain,
    startMs,
    ...KEY_COLUMNS.map((name) => row[name]),
  )
  return known.toArray().length > 0
}

/** Takes room for one more row, where there is some left; the rows that are there are counted once. */
function roomIn(sql: SqlStorage, grain: Grain): (startMs: number) => boolean {
  const rooms = new Map<number, number>()
  return (startMs) => {
    const room = rooms.get(startMs) ?? KEEPING[grain].maxRows - countRows(sql, { grain, startMs })
    rooms.set(startMs, Math.max(0, room - 1))
    return room > 0
  }
}

function countRows(sql: SqlStorage, { grain, startMs }: Place): number {
  const query = `SELECT count(*) AS rows FROM usage WHERE grain = ? AND start_ms = ?`
  return sql.exec<{ rows: number }>(query, grain, startMs).one().rows
}
