import { addTo, keyText, type UsageRow, type UsageTotal } from './usage-counts.ts'

/**
 * What requests came to, gathered in an isolate and told to the organization's record now and then: a request costs an
 * entry in a map. Pure: clock and ids are arguments.
 */

/** What is told at once. The same batch can be told again: its id says so, and it counts once. */
export interface UsageBatch {
  readonly id: string
  readonly rows: readonly UsageRow[]
}

export interface UsageLog {
  /** Notes the row, which is its own from then on; gives the milliseconds after which `take` is due, or undefined where that is seen to already. */
  note(organizationId: string, row: UsageTotal, nowMs: number): number | undefined
  /** What is to be told of an organization: all that is not known to have been told, as it was, and all that is new under the id. */
  take(organizationId: string, id: string, nowMs: number): readonly UsageBatch[]
  /** A batch was told. Until then it is kept: the platform may drop the work of telling it at any moment. */
  told(organizationId: string, batchId: string): void
}

export interface UsageLogLimits {
  /** How far apart two takings of one organization are. */
  readonly intervalMs: number
  readonly maxOrganizations: number
  /** Rows of one organization, after which they are due at once. */
  readonly maxRows: number
  /** Batches of one organization that are not known to have been told; the oldest go. */
  readonly maxUntold: number
}

interface Pending {
  lastTakenMs: number
  /** When somebody has promised to take. A promise can end with its request, unkept. */
  promisedForMs: number | undefined
  readonly rows: Map<string, UsageTotal>
  untold: readonly UsageBatch[]
}

/** How long after its time a promised taking counts as forgotten. */
const GRACE_MS = 5_000

/** An empty log. */
export function usageLog(limits: UsageLogLimits): UsageLog {
  const { intervalMs, maxOrganizations, maxRows, maxUntold } = limits
  const organizations = new Map<string, Pending>()

  const pendingOf = (organizationId: string): Pending => {
    const known = organizations.get(organizationId)
    if (known !== undefined) return known
    if (organizations.size >= maxOrganizations) forgetOne(organizations)
    const pending = {
      lastTakenMs: -Infinity,
      promisedForMs: undefined,
      rows: new Map(),
      untold: [],
    }
    organizations.set(organizationId, pending)
    return pending
  }

  const promise = (pending: Pending, nowMs: number): number | undefined => {
    const { promisedForMs } = pending
    const isPromised = promisedForMs !== undefined && nowMs < promisedForMs + GRACE_MS
    const isFull = pending.rows.size >= maxRows
    if (isPromised && !(isFull && promisedForMs > nowMs)) return undefined
    pending.promisedForMs = isFull ? nowMs : Math.max(nowMs, pending.lastTakenMs + intervalMs)
    return pending.promisedForMs - nowMs
  }

  return {
    note(organizationId, row, nowMs) {
      const pending = pendingOf(organizationId)
      const key = keyText(row)
      const known = pending.rows.get(key)
      if (known === undefined) pending.rows.set(key, row)
      else addTo(known, row)
      return promise(pending, nowMs)
    },

    take(organizationId, id, nowMs) {
      const pending = organizations.get(organizationId)
      if (pending === undefined) return []
      const { untold, rows } = pending
      if (rows.size > 0) {
        pending.untold = [...untold, { id, rows: [...rows.values()] }].slice(-maxUntold)
      }
      rows.clear()
      pending.lastTakenMs = nowMs
      pending.promisedForMs = undefined
      return pending.untold
    },

    told(organizationId, batchId) {
      const pending = organizations.get(organizationId)
      if (pending) pending.untold = pending.untold.filter(({ id }) => id !== batchId)
    },
  }
}

/** The first that owes nothing, else the oldest. */
function forgetOne(organizations: Map<string, Pending>): void {
  for (const [id, { rows, untold }] of organizations) {
    if (rows.size > 0 || untold.length > 0) continue
    organizations.delete(id)
    return
  }
  const oldest = organizations.keys().next()
  if (!oldest.done) organizations.delete(oldest.value)
}
