import type { Ending } from '../gateway/record/meter.ts'
import { requestLine } from '../gateway/record/request-log.ts'
import { requestRecordOf } from '../gateway/record/request-record.ts'
import type { Trace } from '../gateway/record/trace.ts'
import { type Env, readSettings } from '../storage/env.ts'
import type { Background } from '../storage/resources/note-key-use.ts'
import { noteUsage } from '../storage/resources/note-usage.ts'

/** The one place where a request becomes a record. The trace calls it once, whatever became of the request. */
export function recordRequest(
  env: Env,
  { trace, ending, startMs }: { trace: Trace; ending: Ending; startMs: number },
  background: Background,
): void {
  const record = requestRecordOf(trace, ending, { startMs, endMs: background.nowMs() })
  noteUsage(env, record, background)
  if (!logsRequests(env)) return
  // oxlint-disable-next-line no-console -- the log of requests, where the deployment wants one
  console.log(requestLine(record))
}

/** A deployment that is set up wrongly says so to its callers, and not here. */
function logsRequests(env: Env): boolean {
  try {
    return readSettings(env).logRequests
  } catch {
    return false
  }
}
