import { TOKEN_KINDS } from '../../core/usage-record.ts'
import { COUNT_COLUMNS, KEY_COLUMNS, type UsageCounts, type UsageKey } from '../use/usage-counts.ts'
import { type Grain, GRAINS } from './usage-table.ts'

/** What a report may be grouped by. */
export const GROUPS = [...KEY_COLUMNS, ...GRAINS] as const
export type Group = (typeof GROUPS)[number]

/** Which requests, and how they are grouped; times in milliseconds since 1970, `toMs` not included. */
export interface UsageQuery {
  readonly grain: Grain
  readonly fromMs: number
  readonly toMs: number
  readonly groups: readonly Group[]
  readonly maxRows: number
}

/** The counts of one group: `start_ms` where they are grouped by time. */
export interface GroupedUsage extends UsageCounts, Partial<UsageKey> {
  readonly start_ms?: number
}

export interface UsageReport {
  /** None where nothing is asked to be grouped. At most one more than may be shown, which says that there are too many. */
  readonly rows: readonly GroupedUsage[]
  /** Null where there is too much to add up, with no rows then. */
  readonly totals: UsageCounts | null
}

/** Adding up keeps everyone else waiting who wants something of the object: a fraction of a second is enough. */
const MAX_COUNTS = 200_000

const SUMS = [
  ...COUNT_COLUMNS.map((name) => `coalesce(sum(${name}), 0) AS ${name}`),
  // The sum of nothing but unknown counts is null.
  ...TOKEN_KINDS.map((name) => `sum(${name}) AS ${name}`),
].join(', ')
const WHICH = `FROM usage WHERE grain = ? AND start_ms >= ? AND start_ms < ?`

/** What is known of some requests, in groups and in all. Groups come in their order, time first where it is named first. */
export function readUsage(
  sql: SqlStorage,
  { grain, fromMs, toMs, groups, maxRows }: UsageQuery,
): UsageReport {
  const which = `SELECT count(*) AS counts FROM (SELECT 1 ${WHICH} LIMIT ?)`
  const { counts } = sql.exec<{ counts: number }>(which, grain, fromMs, toMs, MAX_COUNTS + 1).one()
  if (counts > MAX_COUNTS) return { rows: [], totals: null }
  const totals = sql.exec<CountRow>(`SELECT ${SUMS} ${WHICH}`, grain, fromMs, toMs).one()
  if (groups.length === 0) return { rows: [], totals }
  const by = groups.map((group) => (isGrain(group) ? 'start_ms' : group)).join(', ')
  const rows = sql.exec<CountRow & KeyRow>(
    `SELECT ${by}, ${SUMS} ${WHICH} GROUP BY ${by} ORDER BY ${by} LIMIT ?`,
    grain,
    fromMs,
    toMs,
    maxRows + 1,
  )
  return { rows: rows.toArray(), totals }
}

export function isGrain(group: Group): group is Grain {
  return GRAINS.some((grain) => grain === group)
}

// Types, since an interface has no index signature, which the platform's row type wants.
type CountRow = Pick<UsageCounts, keyof UsageCounts>
type KeyRow = Pick<GroupedUsage, keyof UsageKey | 'start_ms'>
