import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../env.ts'
import type { Metering } from '../replica/records.ts'
import type { Organization } from './entities.ts'
import { type Page, pageOf, type PageRequest } from './page.ts'

const CLAIM_MS = 24 * 60 * 60 * 1000

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
    ) STRICT;
    CREATE TABLE IF NOT EXISTS claims (
      key_hash TEXT PRIMARY KEY,
      id TEXT NOT NULL,
      ends_at TEXT NOT NULL
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
    this.#sql.exec(`DELETE FROM claims WHERE id = ?`, id)
  }

  /** The id for the organization that a request makes: for a day, the same request gets the same one. */
  claim({ keyHash, id, at }: { keyHash: string; id: string; at: string }): string {
    this.#sql.exec(`DELETE FROM claims WHERE ends_at <= ?`, at)
    const endsAt = new Date(Date.parse(at) + CLAIM_MS).toISOString()
    return this.#sql
      .exec<{ id: string }>(
        `INSERT INTO claims (key_hash, id, ends_at) VALUES (?, ?, ?)
          ON CONFLICT (key_hash) DO UPDATE SET key_hash = key_hash RETURNING id`,
        keyHash,
        id,
        endsAt,
      )
      .one().id
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
