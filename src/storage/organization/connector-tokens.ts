import { isObject } from '../../core/parse.ts'
import type { EndpointReach } from '../replica/records.ts'
import { applyUpdate, type Scope } from './apply-change.ts'
import type { Change, ChangeReply } from './change.ts'
import { endpointTable, hashesOf } from './endpoint-table.ts'
import { findRow } from './table.ts'

/** A token that a connector is to dial in with: its hash, and what management shows of it. */
export interface NewConnectorToken {
  readonly hash: string
  readonly hint: string
  /** Ends every other token of the endpoint now, instead of all but the newest. */
  readonly revokeOthers: boolean
}

/** So that a connector can change its token without a gap. */
const MAX_LIVE = 2

/** Adds a connector token to an endpoint; the oldest goes where there would be more than two. */
export function applyConnectorToken(
  scope: Scope,
  id: string,
  { token, change }: { token: NewConnectorToken; change: Change },
): ChangeReply {
  const row = findRow(scope.sql, endpointTable, id)
  const keep = token.revokeOthers ? 0 : MAX_LIVE - 1
  const { hint } = token
  const shown = { hint, created_at: change.at, created_by: change.actor }
  const fields = {
    connector_tokens: [...newest(shownTokens(row?.['connector_tokens']), keep), shown],
    connector_hashes: [...newest(hashesOf(row?.['connector_hashes']), keep), token.hash].join(','),
  }
  return applyUpdate(scope, endpointTable, { id, fields, change })
}

/** Where a connector belongs, and by which of its tokens it may come in. */
export interface ConnectorPlace {
  readonly endpointId: string
  readonly endpointName: string
  readonly reach: EndpointReach
}

type Row = { id: string; name: string; reach: EndpointReach; connector_hashes: string }

/** The endpoint that a connector's token is of, by the token's hash. */
export function findConnectorPlace(sql: SqlStorage, hash: string): ConnectorPlace | undefined {
  const row = sql
    .exec<Row>(`SELECT id, name, reach, connector_hashes FROM endpoints ORDER BY seq`)
    .toArray()
    .find(({ connector_hashes: known }) => hashesOf(known).some((one) => isSame(one, hash)))
  return row && { endpointId: row.id, endpointName: row.name, reach: row.reach }
}

/** The hashes of the tokens that are live at an endpoint. */
export function liveConnectorHashes(sql: SqlStorage, id: string): string[] | undefined {
  const row = findRow(sql, endpointTable, id)
  return row && hashesOf(row['connector_hashes'])
}

/** The ids of the endpoints that a connector could have dialled in for. */
export function endpointsWithConnectors(sql: SqlStorage): string[] {
  const rows = sql.exec<{ id: string }>(`SELECT id FROM endpoints WHERE connector_hashes <> ''`)
  return rows.toArray().map(({ id }) => id)
}

const encoder = new TextEncoder()

/** How long it takes does not tell how near a guess is. Both are SHA-256 in hex, so they are as long as each other. */
function isSame(known: string, given: string): boolean {
  const [a, b] = [encoder.encode(known), encoder.encode(given)]
  return a.length === b.length && crypto.subtle.timingSafeEqual(a, b)
}

function newest<Item>(items: readonly Item[], count: number): Item[] {
  return count === 0 ? [] : items.slice(-count)
}

function shownTokens(column: unknown): object[] {
  return Array.isArray(column) ? column.filter(isObject) : []
}
