import { isObject, tryParseJson } from '../../core/parse.ts'
import type {
  RouteRecord,
  RouteStickiness,
  RouteStrategy,
  RouteTarget,
} from '../replica/records.ts'
import { objectOf } from './json-column.ts'
import { noRoom } from './record-room.ts'
import { nameIsTaken, tooMany } from './refusals.ts'
import { findRow, type Table } from './table.ts'

/** All of them are in `org/{id}`, which every cold request reads whole. */
const MAX_ROUTES = 200

/** The organization's own names for models. */
export const routeTable: Table = {
  resource: 'route',
  table: 'routes',
  columns: {
    id: 'plain',
    name: 'plain',
    strategy: 'plain',
    sticky: 'plain',
    hedge_after_ms: 'plain',
    timeouts: 'json',
    targets: 'json',
    created_at: 'plain',
    created_by: 'plain',
    updated_at: 'plain',
  },
  hidden: {},
  keepsUpdateTime: true,
  markStale(outbox) {
    outbox.policies()
  },
  check(sql, fields, id) {
    const { name } = fields
    const row = id === undefined ? undefined : findRow(sql, routeTable, id)
    return (
      nameIsTaken(sql, { table: 'routes', name, id }) ??
      tooMany(sql, { table: 'routes', most: MAX_ROUTES, id }) ??
      noRoom(sql, routeTable, fields, row)
    )
  },
}

type Row = {
  id: string
  name: string
  strategy: RouteStrategy
  sticky: RouteStickiness
  hedge_after_ms: number | null
  timeouts: string
  targets: string
}

/** What the data plane knows of the routes, oldest first. */
export function routeRecords(sql: SqlStorage): RouteRecord[] {
  return sql
    .exec<Row>(
      `SELECT id, name, strategy, sticky, hedge_after_ms, timeouts, targets FROM routes ORDER BY seq`,
    )
    .toArray()
    .map(({ sticky, hedge_after_ms: hedgeAfterMs, timeouts, targets, ...same }) => ({
      ...same,
      ...(sticky === 'conversation' ? {} : { sticky }),
      ...(hedgeAfterMs === null ? {} : { hedge_after_ms: hedgeAfterMs }),
      ...(timeouts === '{}' ? {} : { timeouts: objectOf(timeouts) }),
      targets: targetsOf(targets),
    }))
}

function targetsOf(column: string): RouteTarget[] {
  const value = tryParseJson(column)
  return Array.isArray(value) ? value.filter(isTarget) : []
}

/** What is stored was checked in full when it came in. */
function isTarget(value: unknown): value is RouteTarget {
  return isObject(value) && typeof value['model'] === 'string'
}
