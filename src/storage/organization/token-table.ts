import type { Role } from './entities.ts'
import type { Table } from './table.ts'

/** Management tokens. They are looked up here, not in KV: a revoked one ends at once, everywhere. */
export const tokenTable: Table = {
  resource: 'token',
  table: 'tokens',
  columns: {
    id: 'plain',
    name: 'plain',
    role: 'plain',
    hint: 'plain',
    created_at: 'plain',
    created_by: 'plain',
    expires_at: 'plain',
  },
  hidden: { hash: 'token' },
  keepsUpdateTime: false,
  markStale: () => undefined,
}

/** A management token that exists, whether or not it has expired. */
export interface KnownToken {
  readonly id: string
  readonly role: Role
  readonly expires_at: string | null
}

type Row = { id: string; role: Role; expires_at: string | null }

/** The token with this hash. */
export function findToken(sql: SqlStorage, hash: string): KnownToken | undefined {
  const [row] = sql
    .exec<Row>(`SELECT id, role, expires_at FROM tokens WHERE hash = ?`, hash)
    .toArray()
  return row
}
