import { Hono } from 'hono/tiny'
import { invalidRequest } from '../../core/errors.ts'
import { TOKEN_KINDS } from '../../core/usage-record.ts'
import {
  type Group,
  type GroupedUsage,
  isGrain,
  reportUsage,
  type UsageCounts,
} from '../../storage/resources/usage.ts'
import type { ManagementDependencies, ManagementEnv } from './context.ts'
import { checked } from './read-body.ts'
import { usageQuery } from './schemas/usage.ts'
import { csvOf } from './usage-csv.ts'
import { readUsageQuery } from './usage-query.ts'

/** What an organization's requests came to. It can be read, and nothing else. */
export function usageRoutes({ now }: Pick<ManagementDependencies, 'now'>): Hono<ManagementEnv> {
  const app = new Hono<ManagementEnv>()
  app.get('/:org/usage', async (c) => {
    const groups = c.req.queries('group_by')?.join(',')
    const asked = checked(usageQuery, {
      ...c.req.query(),
      ...(groups === undefined ? {} : { group_by: groups }),
    })
    const query = readUsageQuery(asked, now().getTime())
    const { rows, totals } = await reportUsage(c.env, c.req.param('org'), query)
    if (totals === null) {
      const orLonger = query.grain === 'day' ? '' : ', or by a longer unit'
      throw invalidRequest(
        `There is too much between from and to to be added up by the ${query.grain}. Ask for less time${orLonger}.`,
        'from',
      )
    }
    if (rows.length > query.maxRows) {
      throw invalidRequest(
        `group_by makes more than ${query.maxRows} groups. Ask for less time, or for fewer groups.`,
        'group_by',
      )
    }
    const data = rows.map((row) => ({ ...keysOf(row, query.groups), ...countsOf(row) }))
    if (asked.format === 'csv') {
      const shown = query.groups.length === 0 ? [countsOf(totals)] : data
      return c.body(csvOf([...query.groups, ...COUNT_NAMES], shown), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="usage.csv"',
      })
    }
    return c.json({
      from: timeOf(query.fromMs),
      to: timeOf(query.toMs),
      granularity: query.grain,
      group_by: query.groups,
      data,
      totals: countsOf(totals),
    })
  })
  return app
}

const COUNT_NAMES = [
  'requests',
  'requests_without_usage',
  'attempts',
  ...TOKEN_KINDS,
  'average_latency_ms',
  'average_first_byte_ms',
]

function countsOf(counts: UsageCounts): Record<string, number | null> {
  return {
    requests: counts.requests,
    requests_without_usage: counts.requests_without_usage,
    attempts: counts.attempts,
    ...Object.fromEntries(TOKEN_KINDS.map((kind) => [kind, counts[kind]])),
    average_latency_ms: average(counts.latency_ms, counts.requests),
    average_first_byte_ms: average(counts.first_byte_ms, counts.first_bytes),
  }
}

function average(sum: number, count: number): number | null {
  return count === 0 ? null : Math.round(sum / count)
}

/** What a group is grouped by, in the order in which that was asked; null is what is not known. */
function keysOf(row: GroupedUsage, groups: readonly Group[]): Record<string, string | null> {
  return Object.fromEntries(
    groups.map((group) => [group, isGrain(group) ? timeOf(row.start_ms ?? 0) : row[group] || null]),
  )
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
