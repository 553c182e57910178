import { GatewayError } from '../core/errors.ts'
import { type AuthWorld, CredentialRefused } from '../upstream-auth/upstream-auth.ts'
import type { Dependencies } from './dependencies.ts'
import type { Target } from './target.ts'
import { type AttemptRecord, type FailureReason, timed, type Trace } from './trace.ts'

/** A request as a target is to get it, but for the proof of identity. */
export interface PreparedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: BodyInit | null
}

/** How one attempt ended. `answer` is for the caller, good or bad; `failure` gives way to the next key. */
export type Attempt =
  | { readonly kind: 'answer'; readonly target: Target; readonly response: Response }
  | {
      readonly kind: 'failure'
      readonly target: Target
      readonly reason: FailureReason
      /** The upstream's own answer, where there was one. */
      readonly response?: Response
    }

export interface UpstreamCall {
  readonly organizationId: string
  readonly targets: AsyncIterable<Target>
  /** The request for a target, made anew for each attempt. */
  readonly prepare: (target: Target) => PreparedRequest | Promise<PreparedRequest>
  /** The caller's departure. */
  readonly signal: AbortSignal
}

/**
 * Tries targets in order until one gives an answer. Refused keys, rate limits, upstream failures and broken
 * connections give way to the next target; what is the matter with the request itself does not.
 * Returns the last failure when no target is left.
 */
export async function callFirstHealthy(
  call: UpstreamCall,
  deps: Dependencies,
  trace: Trace,
): Promise<Attempt> {
  let last: Attempt | undefined
  for await (const target of call.targets) {
    if (last?.response) discard(last.response, deps)
    trace.provider = target.provider.name
    trace.providerKeyId = target.keyId
    last = await attempt(call, target, deps, trace)
    trace.attempts.push(recordOf(last))
    if (last.kind === 'answer' || call.signal.aborted) return last
  }
  if (last === undefined) throw new GatewayError('internal_error', 'No target was tried.')
  return last
}

function recordOf(made: Attempt): AttemptRecord {
  const { keyId } = made.target
  if (made.kind === 'answer') return { keyId, outcome: String(made.response.status) }
  const outcome = made.response ? String(made.response.status) : made.reason
  return { keyId, outcome, reason: made.reason }
}

async function attempt(
  call: UpstreamCall,
  target: Target,
  deps: Dependencies,
  trace: Trace,
): Promise<Attempt> {
  const auth = target.provider.auth(target.site.settings)
  const world = authWorld(call.organizationId, deps)
  const request = await call.prepare(target)
  try {
    await timed(trace, 'mint', deps.nowMs, async () =>
      auth.prove(request, target.site.credential, target.site, world),
    )
    const response = await timed(trace, 'upstream', deps.nowMs, () =>
      deps.fetch(request.url, {
        method: request.method,
        headers: request.headers,
        body: request.body,
        // A redirect that is followed would carry key headers to wherever it points.
        redirect: 'manual',
        signal: call.signal,
      }),
    )
    const judged = await judge(target, response)
    if (judged.kind === 'failure' && judged.reason === 'refused') {
      await auth.forget?.(target.site.credential, world)
    }
    return judged
  } catch (error) {
    if (error instanceof GatewayError) throw error
    return { kind: 'failure', target, ...failureOf(error) }
  }
}

function authWorld(organizationId: string, deps: Dependencies): AuthWorld {
  return {
    fetch: deps.fetch,
    nowMs: deps.nowMs,
    sleep: deps.sleep,
    googleTokenUrl: deps.googleTokenUrl,
    tokens: deps.tokenStore(organizationId),
  }
}

/** A credential that was refused before anything was sent counts like one that the upstream refused. */
function failureOf(error: unknown): { reason: FailureReason; response?: Response } {
  if (!(error instanceof CredentialRefused)) return { reason: 'unreachable' }
  const { status, message } = error
  const body = {
    error: { message, type: 'authentication_error', code: 'credential_refused', param: null },
  }
  if (status >= 500) return { reason: 'failed', response: Response.json(body, { status: 502 }) }
  return { reason: 'refused', response: Response.json(body, { status: 401 }) }
}

async function judge(target: Target, response: Response): Promise<Attempt> {
  const reason = reasonOf(response.status)
  if (reason !== undefined) return { kind: 'failure', target, reason, response }
  const { refusesKey } = target.provider
  if (refusesKey === undefined || response.ok) return { kind: 'answer', target, response }
  // This provider refuses keys under other statuses too, which only the body tells.
  const body = await response.text()
  const copy = new Response(body, { status: response.status, headers: response.headers })
  return refusesKey(response.status, body)
    ? { kind: 'failure', target, reason: 'refused', response: copy }
    : { kind: 'answer', target, response: copy }
}

function reasonOf(status: number): FailureReason | undefined {
  if (status === 401 || status === 403) return 'refused'
  if (status === 429) return 'rate-limited'
  if (status === 408 || status >= 500) return 'failed'
  if (status >= 300 && status < 400 && status !== 304) return 'redirected'
  return undefined
}

/** Lets go of an answer that nobody will read, so that its connection is freed. */
function discard(response: Response, deps: Dependencies): void {
  if (response.body !== null && !response.bodyUsed) {
    deps.waitUntil(response.body.cancel().catch(() => undefined))
  }
}
