import { DurableObject } from 'cloudflare:workers'
import type { Organization } from './entities.ts'
import type { Env } from './env.ts'
import { pageOf } from './page.ts'
import type { Page, PageRequest } from './page.ts'
import type { Metering } from './records.ts'

type Row = { seq: number; id: string; name: string; metering: Metering; created_at: string }

/** The list of all organizations, there being no other way to enumerate Durable Objects. One instance, `directory`. */
export class DirectoryObject extends DurableObject<Env> {
  readonly #sql: SqlStorage

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS organizations (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      metering TEXT NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT`)
  }

  /** Adds an organization or renews its entry in place. Saying it twice changes nothing. */
  put({ id, name, metering, created_at }: Organization): void {
    this.#sql.exec(
      `INSERT INTO organizations (id, name, metering, created_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, metering = excluded.metering`,
      id,
      name,
      metering,
      created_at,
    )
  }

  remove(id: string): void {
    this.#sql.exec(`DELETE FROM organizations WHERE id = ?`, id)
  }

  /** A page of organizations, oldest first. */
  list({ after, limit }: PageRequest): Page<Organization> {
    const rows = this.#sql
      .exec<Row>(`SELECT * FROM organizations WHERE seq > ? ORDER BY seq LIMIT ?`, after, limit + 1)
      .toArray()
    return pageOf(rows, limit, ({ id, name, metering, created_at }) => ({
      id,
      name,
      metering,
      created_at,
    }))
  }
}
