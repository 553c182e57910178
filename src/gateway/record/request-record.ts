import type { RequestRecord } from '../../core/usage-record.ts'
import type { Ending } from './meter.ts'
import { recordsTokens, type Trace } from './trace.ts'

export interface RequestTimes {
  /** When the request came, and when it ended, in milliseconds since 1970. */
  readonly startMs: number
  readonly endMs: number
}

/** What a request comes to in the records. */
export function requestRecordOf(
  trace: Trace,
  { status, outcome }: Ending,
  { startMs, endMs }: RequestTimes,
): RequestRecord {
  const { requestId, caller, provider, model, providerKeyId, attempts, meter } = trace
  const latencyMs = Math.max(0, endMs - startMs)
  return {
    requestId,
    organizationId: caller?.organizationId ?? null,
    apiKeyId: caller?.apiKeyId ?? null,
    atMs: startMs,
    surface: meter.surface ?? null,
    provider: provider ?? null,
    // A native request need not say its model where anyone looks.
    model: model ?? meter.answeredModel ?? null,
    answeredModel: meter.answeredModel ?? null,
    providerKeyId: providerKeyId ?? null,
    isStream: meter.isStream,
    status,
    outcome,
    attempts: attempts.map(({ keyId, outcome: how }) => ({ keyId, outcome: how })),
    tokens: (recordsTokens(trace) ? meter.usage : undefined) ?? null,
    latencyMs,
    firstByteMs: firstByteMs(trace, { status, startMs, latencyMs }),
    metadata: meter.metadata,
  }
}

/** A whole answer comes all at once, and an error is no answer. */
function firstByteMs(
  { meter: { isHeld, firstByteAtMs } }: Trace,
  { status, startMs, latencyMs }: { status: number | null; startMs: number; latencyMs: number },
): number | null {
  if (isHeld) return firstByteAtMs === undefined ? null : Math.max(0, firstByteAtMs - startMs)
  return status !== null && status < 400 ? latencyMs : null
}
