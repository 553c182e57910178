import { isObject, tryParseJson } from '../../core/parse.ts'
import type { KeyLimits } from '../../limits/key-limits.ts'
import { addsToUse, type KeyLedger, lend, newKeyLedger } from '../../limits/lender.ts'
import type { Ask, Terms } from '../../limits/terms.ts'

/**
 * The books of an organization's limited API keys: in memory, and in the database as of the last time that something was
 * lent, since an object that rests is forgotten after seconds. What was only given back since then is not written: an
 * object that starts anew takes it for spent, until its minute is over.
 */
export interface LimitLedgers {
  /** What an isolate gets for what it asks; undefined where there is no such API key. */
  lend(apiKeyId: string, ask: Ask, nowMs: number): Terms | undefined
}

export function limitLedgersOf(sql: SqlStorage): LimitLedgers {
  const ledgers = new Map<string, KeyLedger>()

  return {
    lend(apiKeyId, ask, nowMs) {
      const limits = limitsOfKey(sql, apiKeyId)
      if (limits === undefined) {
        ledgers.delete(apiKeyId)
        return undefined
      }
      const ledger = ledgers.get(apiKeyId) ?? storedLedger(sql, apiKeyId) ?? newKeyLedger()
      ledgers.set(apiKeyId, ledger)
      const terms = lend(ledger, limits, ask, nowMs)
      if (addsToUse(ask, terms)) store(sql, apiKeyId, ledger)
      return terms
    },
  }
}

/** Removes the book of an API key that goes. */
export function deleteLedger(sql: SqlStorage, apiKeyId: string): void {
  sql.exec(`DELETE FROM limit_ledgers WHERE api_key_id = ?`, apiKeyId)
}

/** The limits that an API key has now; none for one that is not limited any more. */
function limitsOfKey(sql: SqlStorage, apiKeyId: string): KeyLimits | undefined {
  const query = `SELECT limits FROM api_keys WHERE id = ?`
  const [row] = sql.exec<{ limits: string | null }>(query, apiKeyId).toArray()
  return row && (limitsIn(row.limits) ?? {})
}

/** What the column of an API key's limits says; undefined where it has none. */
export function limitsIn(column: string | null): KeyLimits | undefined {
  const value = column === null ? null : tryParseJson(column)
  return isObject(value) ? value : undefined
}

function storedLedger(sql: SqlStorage, apiKeyId: string): KeyLedger | undefined {
  const query = `SELECT ledger FROM limit_ledgers WHERE api_key_id = ?`
  const [row] = sql.exec<{ ledger: string }>(query, apiKeyId).toArray()
  const value = row && tryParseJson(row.ledger)
  return isLedger(value) ? value : undefined
}

/** It was written here. */
function isLedger(value: unknown): value is KeyLedger {
  return isObject(value) && Object.keys(newKeyLedger()).every((name) => isObject(value[name]))
}

function store(sql: SqlStorage, apiKeyId: string, ledger: KeyLedger): void {
  sql.exec(
    `INSERT INTO limit_ledgers (api_key_id, ledger) VALUES (?, ?)
      ON CONFLICT (api_key_id) DO UPDATE SET ledger = excluded.ledger`,
    apiKeyId,
    JSON.stringify(ledger),
  )
}
