import type { RequestRecord } from '../../core/usage-record.ts'
import type { Env } from '../env.ts'
import { recordOf } from '../organization/record-access.ts'
import { dataPointOf } from '../use/analytics-point.ts'
import { rowOf } from '../use/usage-counts.ts'
import { type DueTaking, usageLog } from '../use/usage-log.ts'
import type { Background } from './note-key-use.ts'

/** As with the use of keys: work behind an answer has 30 seconds, which trying again may not fit into. */
const INTERVAL_MS = 25_000
const PAUSES_MS = [1_000, 3_000]

const log = usageLog({
  intervalMs: INTERVAL_MS,
  maxOrganizations: 1_000,
  maxRows: 500,
  // A quarter of an hour.
  maxUntold: 40,
})

/** Counts a request: in Analytics Engine where there is one, and soon in its organization's record. */
export function noteUsage(env: Env, record: RequestRecord, background: Background): void {
  const { organizationId } = record
  const row = rowOf(record)
  if (organizationId === null || row === undefined) return
  writePoint(env, record)
  for (const due of log.note(organizationId, row, background.nowMs())) {
    background.waitUntil(tell(env, due, background))
  }
}

function writePoint({ USAGE: dataset }: Env, record: RequestRecord): void {
  try {
    dataset?.writeDataPoint(dataPointOf(record))
  } catch {
    // It counts for analysis only: the organization's record has it too.
  }
}

async function tell(
  env: Env,
  { organizationId, delayMs }: DueTaking,
  { sleep, nowMs }: Background,
): Promise<void> {
  if (delayMs > 0) await sleep(delayMs)
  for (const batch of log.take(organizationId, crypto.randomUUID(), nowMs())) {
    const isTold = await tellPatiently(async () => {
      await recordOf(env, organizationId).addUsage(batch)
    }, sleep)
    if (!isTold) return
    log.told(organizationId, batch.id)
  }
}

/** Tries again a little later: it may have been counted all the same, which the batch's id will tell. */
async function tellPatiently(
  work: () => Promise<void>,
  sleep: Background['sleep'],
): Promise<boolean> {
  for (const pauseMs of [...PAUSES_MS, undefined]) {
    try {
      await work()
      return true
    } catch {
      if (pauseMs !== undefined) await sleep(pauseMs)
    }
  }
  return false
}
