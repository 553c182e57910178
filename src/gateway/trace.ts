/** One attempt at a target. `outcome` is the upstream's status, or what happened instead. */
export interface AttemptRecord {
  readonly keyId: string
  readonly outcome: string
  /** Why it gave way to the next target; undefined for the one that answered. */
  readonly reason?: FailureReason | 'misconfigured'
  /** What to remember against the key; nothing where the caller left in the middle of it. */
  readonly fault?: KeyFault
}

/** What went wrong with a provider key, without anything that an upstream or a caller said. */
export interface KeyFault {
  readonly status: number | null
  readonly message: string
}

export type FailureReason = 'refused' | 'rate-limited' | 'failed' | 'unreachable' | 'redirected'

/** What a request's answer tells its caller of the way it took. Filled in as the request goes along. */
export interface Trace {
  readonly requestId: string
  /** Who called, once that is known. Not told in the answer. */
  caller?: { readonly organizationId: string; readonly apiKeyId: string }
  provider?: string
  model?: string
  providerKeyId?: string
  readonly attempts: AttemptRecord[]
  readonly warnings: string[]
  /** Durations in milliseconds by step. */
  readonly timings: Map<string, number>
}

export function newTrace(requestId: string): Trace {
  return { requestId, attempts: [], warnings: [], timings: new Map() }
}

/** Runs a step and adds the time that it took to the trace. */
export async function timed<Result>(
  trace: Trace,
  step: string,
  nowMs: () => number,
  work: () => Promise<Result>,
): Promise<Result> {
  const startMs = nowMs()
  try {
    return await work()
  } finally {
    trace.timings.set(step, (trace.timings.get(step) ?? 0) + nowMs() - startMs)
  }
}

/** Writes the trace into an answer's headers. */
export function setTraceHeaders(headers: Headers, trace: Trace): void {
  headers.set('x-keyway-request-id', trace.requestId)
  if (trace.provider !== undefined) headers.set('x-keyway-provider', trace.provider)
  if (trace.model !== undefined)
    headers.set('x-keyway-model', headerSafe(trace.model.slice(0, 400)))
  if (trace.providerKeyId !== undefined) headers.set('x-keyway-provider-key', trace.providerKeyId)
  if (trace.attempts.length > 0) {
    const attempts = trace.attempts.map(({ keyId, outcome }) => `${keyId}:${outcome}`)
    headers.set('x-keyway-attempts', attempts.join(', '))
  }
  if (trace.warnings.length > 0) {
    headers.set('x-keyway-warnings', headerSafe(trace.warnings.join(', ').slice(0, 4096)))
  }
  if (trace.timings.size > 0) {
    const entries = Array.from(trace.timings, ([step, ms]) => `${step};dur=${ms.toFixed(1)}`)
    headers.set('server-timing', entries.join(', '))
  }
}

/** A model id can hold any character that a caller typed; a header cannot. */
function headerSafe(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}
