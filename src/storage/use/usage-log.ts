import { type Due, newDue, promiseToTake, wasTaken } from './due.ts'
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

/** How long the record knows a batch that it counted. What is told again later would count twice. */
export const BATCH_KNOWN_MS = 60 * 60_000

/** An organization of which `take` is due, after the milliseconds. */
export interface DueTaking {
  readonly organizationId: string
  readonly delayMs: number
}

export interface UsageLog {
  /** Notes the row, which is its own from then on; gives what the caller is to see to: nothing, mostly. */
  note(organizationId: string, row: UsageTotal, nowMs: number): readonly DueTaking[]
  /** What is to be told of an organization: all that is not known to have been told, as it was, and all that is new under the id. */
  take(organizationId: string, id: string, nowMs: number): readonly UsageBatch[]
  /** A batch was told. Until then it is kept: the platform may drop the work of telling it at any moment. */
  told(organizationId: string, batchId: string): void
}

export interface UsageLogLimits {
  /** How far apart two takings of one organization are. */
  readonly intervalMs: number
  /** Beyond them the oldest is due at once; beyond twice as many it is forgotten. */
  readonly maxOrganizations: number
  /** Rows of one organization, after which they are due at once. */
  readonly maxRows: number
  /** Batches of one organization that are not known to have been told; the oldest go. */
  readonly maxUntold: number
}

interface Pending extends Due {
  readonly rows: Map<string, UsageTotal>
  untold: readonly Untold[]
}

interface Untold {
  readonly batch: UsageBatch
  readonly takenMs: number
}

const NONE: readonly DueTaking[] = []

/** An empty log. */
export function usageLog(limits: UsageLogLimits): UsageLog {
  const { intervalMs, maxOrganizations, maxRows, maxUntold } = limits
  const organizations = new Map<string, Pending>()

  /** Forgets who owes nothing, until there is room for one more; where all owe something, gives the oldest to be told at once. */
  const crowdedOut = (nowMs: number): readonly DueTaking[] => {
    for (const [id, { rows, untold }] of organizations) {
      if (organizations.size < maxOrganizations) return NONE
      if (rows.size === 0 && untold.length === 0) organizations.delete(id)
    }
    const [oldest] = organizations
    if (organizations.size < maxOrganizations || oldest === undefined) return NONE
    const [organizationId, pending] = oldest
    const isOver = organizations.size >= 2 * maxOrganizations
    organizations.delete(organizationId)
    if (isOver) return NONE
    organizations.set(organizationId, pending)
    const delayMs = promiseToTake(pending, { intervalMs, isFull: true }, nowMs)
    return delayMs === undefined ? NONE : [{ organizationId, delayMs }]
  }

  return {
    note(organizationId, row, nowMs) {
      let pending = organizations.get(organizationId)
      let others = NONE
      if (pending === undefined) {
        others = crowdedOut(nowMs)
        pending = { ...newDue(), rows: new Map(), untold: [] }
        organizations.set(organizationId, pending)
      }
      const key = keyText(row)
      const known = pending.rows.get(key)
      if (known === undefined) pending.rows.set(key, row)
      else addTo(known, row)
      const isFull = pending.rows.size >= maxRows
      const delayMs = promiseToTake(pending, { intervalMs, isFull }, nowMs)
      return delayMs === undefined ? others : [...others, { organizationId, delayMs }]
    },

    take(organizationId, id, nowMs) {
      const pending = organizations.get(organizationId)
      if (pending === undefined) return []
      const { untold, rows } = pending
      const batch = { id, rows: [...rows.values()] }
      const isNew = rows.size > 0
      pending.untold = [...untold, ...(isNew ? [{ batch, takenMs: nowMs }] : [])]
        .filter(({ takenMs }) => nowMs - takenMs < BATCH_KNOWN_MS / 2)
        .slice(-maxUntold)
      rows.clear()
      wasTaken(pending, nowMs)
      return pending.untold.map((one) => one.batch)
    },

    told(organizationId, batchId) {
      const pending = organizations.get(organizationId)
      if (pending) pending.untold = pending.untold.filter(({ batch }) => batch.id !== batchId)
    },
  }
}
