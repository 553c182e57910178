import type { Env } from '../env.ts'
import { recordOf } from '../organization/record-access.ts'
import { keyUseLog, type RequestUse } from '../use/key-use.ts'

/**
 * The first use in an isolate is told at once. After that the platform allows work for 30 seconds behind an answer,
 * so what is noted can always be told within this time, also when no further request comes.
 */
const INTERVAL_MS = 25_000

const log = keyUseLog({ intervalMs: INTERVAL_MS, maxOrganizations: 1_000, maxKeys: 500 })

/** What telling needs of the request that it happens behind. */
export interface Background {
  readonly nowMs: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** Notes which keys a request used; its organization's record hears of it soon, and seldom. */
export function noteKeyUse(env: Env, use: RequestUse, background: Background): void {
  const delayMs = log.note(use, background.nowMs())
  if (delayMs !== undefined) background.waitUntil(tell(env, use, { delayMs, ...background }))
}

async function tell(
  env: Env,
  { organizationId }: RequestUse,
  { delayMs, sleep, nowMs }: Background & { readonly delayMs: number },
): Promise<void> {
  if (delayMs > 0) await sleep(delayMs)
  const use = log.take(organizationId, nowMs())
  if (use === undefined) return
  try {
    await recordOf(env, organizationId).keysWereUsed(use)
  } catch {
    // Nobody waits for it, and the next use tells more.
  }
}
