import { meaningOf } from '../../providers/error-words.ts'
import type { Dependencies } from '../dependencies.ts'
import { errorIn, readErrorText } from '../failure/error-text.ts'
import { retryAfterMsOf } from '../failure/retry-after.ts'
import type { FailureReason } from '../record/trace.ts'
import type { Target } from '../target/target.ts'
import type { Attempt, Failed } from './outcome.ts'

/** Whether an upstream's answer is one for the caller, good or bad, or gives way to the next target. */
export async function judgeAnswer(
  target: Target,
  response: Response,
  deps: Pick<Dependencies, 'sleep' | 'nowMs'>,
): Promise<Attempt> {
  const reason = reasonOf(response.status)
  const { refusesKey, resetHeaders } = target.provider
  if (reason === 'rate-limited') return await judgeLimit(target, response, deps)
  if (reason !== undefined) {
    const retryAfterMs = retryAfterMsOf({ headers: response.headers, resetHeaders }, deps.nowMs())
    return { kind: 'failure', target, reason, response, retryAfterMs }
  }
  if (refusesKey === undefined || response.ok) return { kind: 'answer', target, response }
  // This provider refuses keys under other statuses too, which only the body tells.
  const { status, headers } = response
  const body = await readErrorText(response, deps.sleep)
  const copy = new Response(body, { status, headers })
  return refusesKey(status, body)
    ? { kind: 'failure', target, reason: 'refused', response: copy }
    : { kind: 'answer', target, response: copy }
}

/** Providers say by 429 that they are overloaded too, or that the account is spent; only the body tells. */
async function judgeLimit(
  target: Target,
  response: Response,
  deps: Pick<Dependencies, 'sleep' | 'nowMs'>,
): Promise<Failed> {
  const { status, headers } = response
  const text = await readErrorText(response, deps.sleep)
  const body = errorIn(text)
  const reason = (body && meaningOf(body, target.provider)) ?? 'rate-limited'
  const { resetHeaders } = target.provider
  const retryAfterMs = retryAfterMsOf({ headers, body, resetHeaders }, deps.nowMs())
  const copy = new Response(text, { status, headers })
  return { kind: 'failure', target, reason, response: copy, retryAfterMs }
}

function reasonOf(status: number): FailureReason | undefined {
  if (status === 401 || status === 403) return 'refused'
  if (status === 402) return 'spent'
  if (status === 429) return 'rate-limited'
  if (status === 408 || status >= 500) return 'failed'
  return status >= 300 && status < 400 ? 'redirected' : undefined
}
