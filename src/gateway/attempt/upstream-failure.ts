import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { defined } from '../../core/read.ts'
import type { UpstreamErrorBody } from '../../core/wire-format.ts'
import type { Dependencies } from '../dependencies.ts'
import { errorIn, readErrorText } from '../failure/error-text.ts'
import { safeMessage, safeWords } from '../failure/safe-message.ts'
import { shortList, type Trace } from '../record/trace.ts'
import { type Answered, DEEDS, type Failed, leavesKeys, MAX_KEYS } from './outcome.ts'
import { headersBehindError } from './upstream-headers.ts'

/** What to tell the caller when no target gave an answer, by the failure that tells most. */
export async function failureError(
  telling: Failed,
  deps: Pick<Dependencies, 'sleep'>,
  trace: Trace,
): Promise<GatewayError> {
  const known = telling.error ?? telling.early
  const attempts = attemptsIn(trace)
  const { name } = telling.target.provider
  if (leavesKeys(telling)) {
    return new GatewayError(
      'unavailable',
      `${MAX_KEYS} keys of ${name} were tried and none was good, and more are left: try again. Attempts: ${attempts}.`,
      { retryAfterSeconds: 1 },
    )
  }
  if (known !== undefined) {
    if (trace.attempts.length === 1) return known
    const { code, message, details } = known
    return new GatewayError(code, `${withFullStop(message)} Attempts: ${attempts}.`, details)
  }
  if (telling.reason === 'refused') {
    const by = isOfSeveralModels(trace) ? '' : ` by ${name}`
    return new GatewayError(
      'upstream_rejected_key',
      `Every provider key that was tried was refused${by}: ${attempts}. Check them, or add one that works.`,
    )
  }
  // Said as what it is, by a status that nobody tries again.
  const { target, response } = telling
  if (response?.status === 402) return await declinedError({ target, response }, deps)
  const body = await readError(telling, deps)
  const retryAfterMs = telling.retryAfterMs ?? body?.retryAfterMs
  const story = body === undefined ? '' : ` It said: ${withFullStop(body.message)}`
  return new GatewayError(
    codeOf(telling),
    `${name} ${DEEDS[telling.reason]}.${story} Attempts: ${attempts}.`,
    {
      ...(retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
      ...(telling.reason === 'spent' ? { retryable: false } : {}),
      ...factsOf(body),
      headers: headersBehindError(response),
    },
  )
}

function withFullStop(message: string): string {
  return message.replace(/[.\s]*$/, '.')
}

/** Each attempt by its key and how it ended; and by the model, where there was more than one. */
function attemptsIn(trace: Trace): string {
  const isNamed = isOfSeveralModels(trace)
  return shortList(trace.attempts, ({ model, keyId, outcome }) => {
    const name = isNamed && model !== undefined ? `${model.slice(0, 100)} with ` : ''
    return `${name}${keyId} (${outcome})`
  })
}

function isOfSeveralModels({ attempts }: Trace): boolean {
  return new Set(attempts.map(({ model }) => model)).size > 1
}

function codeOf({ reason, response }: Failed): ErrorCode {
  if (reason === 'rate-limited' || reason === 'spent') return 'rate_limited'
  if (reason === 'overloaded') return 'upstream_overloaded'
  if (reason === 'unreachable') return 'upstream_unreachable'
  if (reason === 'redirected') return 'upstream_redirect'
  if (reason === 'timed-out') return 'upstream_timeout'
  const status = response?.status ?? 502
  if (status === 408 || status === 504) return 'upstream_timeout'
  if (status === 503 || status === 529) return 'upstream_overloaded'
  return 'upstream_error'
}

/** An upstream's own 4xx about the request: its status and its words. */
export async function declinedError(
  declined: Pick<Answered, 'response' | 'target'>,
  deps: Pick<Dependencies, 'sleep'>,
): Promise<GatewayError> {
  const { target, response } = declined
  const { status } = response
  const body = await readError(declined, deps)
  const codes: Readonly<Record<number, ErrorCode>> = { 404: 'not_found', 413: 'request_too_large' }
  return new GatewayError(
    codes[status] ?? 'invalid_request',
    body?.message ?? `${target.provider.name} answered ${status} without saying why.`,
    {
      status,
      ...defined({ param: body?.param }),
      upstream: defined({ type: body?.type, code: body?.code }),
      ...factsOf(body),
      headers: headersBehindError(response),
    },
  )
}

function factsOf(body: UpstreamErrorBody | undefined): { facts?: JsonObject } {
  return body?.facts === undefined ? {} : { facts: body.facts }
}

/** The error in an answer, in any provider's shape. A page of HTML is not passed on. */
export async function readError(
  { response, target }: Pick<Failed, 'response' | 'target'>,
  { sleep }: Pick<Dependencies, 'sleep'>,
): Promise<UpstreamErrorBody | undefined> {
  if (response === undefined) return undefined
  const body = errorIn(await readErrorText(response, sleep))
  if (body === undefined) return undefined
  const { facts, retryAfterMs } = body
  const { credential } = target.site
  const safe = facts && tryParseJson(safeMessage(JSON.stringify(facts), credential))
  const message = safeMessage(body.message, credential)
  return {
    ...safeWords(body, credential),
    message,
    ...defined({ retryAfterMs, facts: isObject(safe) ? safe : undefined }),
  }
}
