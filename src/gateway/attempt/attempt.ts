import { GatewayError } from '../../core/errors.ts'
import { type AuthWorld, CredentialRefused } from '../../upstream-auth/upstream-auth.ts'
import type { Dependencies } from '../dependencies.ts'
import { timed, type Trace } from '../record/trace.ts'
import type { Target } from '../target/target.ts'
import { faultOfEndpoint, judgeEndpoint } from './endpoint-failure.ts'
import { judgeAnswer } from './judge-answer.ts'
import type { Attempt, Failed, PreparedRequest, UpstreamCall } from './outcome.ts'
import { sendPatiently, type Sent, SilentUpstream } from './send-patiently.ts'

/** One attempt at a target with a request that is made for it: what came of it, for the caller or for the next. */
export async function attemptAt(
  { target, request }: { readonly target: Target; readonly request: PreparedRequest },
  call: UpstreamCall,
  deps: Dependencies,
  trace: Trace,
): Promise<Attempt> {
  const auth = target.provider.auth(target.site.settings)
  const world = authWorld(call.organizationId, deps)
  let sent: Sent
  try {
    await timed(trace, 'mint', deps.nowMs, async () =>
      auth.prove(request, target.site.credential, target.site, world),
    )
    sent = await timed(trace, 'upstream', deps.nowMs, () =>
      sendPatiently({ request, target, call }, deps, trace),
    )
  } catch (error) {
    return { kind: 'failure', target, ...failureOf(error, target) }
  }
  const { response, deadlines } = sent
  // A 403 can mean one model: only a 401 says that what proves us is no good.
  if (response.status === 401) {
    deps.waitUntil(Promise.resolve(auth.forget?.(request, target.site.credential, world)))
  }
  const { endpoint } = target
  const made =
    endpoint === undefined
      ? await judgeAnswer(target, response, deps)
      : await judgeEndpoint({ target, endpoint }, { response, url: request.url }, deps)
  if (made.kind === 'answer') return { ...made, deadlines }
  deadlines.end()
  // Reading this error may have overrun a deadline: the next attempt must not be blamed for it.
  delete trace.brokenOff
  return made
}

function authWorld(organizationId: string, deps: Dependencies): AuthWorld {
  return {
    fetch: deps.fetch,
    nowMs: deps.nowMs,
    sleep: deps.sleep,
    waitUntil: deps.waitUntil,
    googleTokenUrl: deps.googleTokenUrl,
    entraTokenBase: deps.entraTokenBase,
    tokens: deps.tokenStore(organizationId),
  }
}

/** A credential that was refused before anything was sent counts like one that the upstream refused. */
function failureOf(
  thrown: unknown,
  { endpoint, provider: { name } }: Target,
): Omit<Failed, 'kind' | 'target'> {
  const isRefused = thrown instanceof CredentialRefused
  if (endpoint !== undefined && !isRefused) {
    const reason = thrown instanceof SilentUpstream ? 'timed-out' : 'unreachable'
    return { reason, error: faultOfEndpoint(endpoint, thrown) }
  }
  if (thrown instanceof SilentUpstream) return { reason: 'timed-out', error: thrown.told }
  if (!isRefused) return { reason: 'unreachable' }
  const { status } = thrown
  const isRefusal = status >= 400 && status < 500 && status !== 408 && status !== 429
  const failed = { reason: isRefusal ? 'refused' : 'failed', refusal: thrown } as const
  if (endpoint === undefined) return failed
  const code = isRefusal ? 'upstream_rejected_key' : 'upstream_error'
  return { ...failed, error: new GatewayError(code, `${name}: ${thrown.message}.`) }
}
