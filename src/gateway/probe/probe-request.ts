import type { OutgoingHeaders } from '../../upstream-auth/upstream-auth.ts'
import { callFirstHealthy } from '../attempt/call-upstream.ts'
import type { CallResult, PreparedRequest } from '../attempt/outcome.ts'
import type { Dependencies } from '../dependencies.ts'
import { newTrace } from '../record/trace.ts'
import { type Target, urlAt } from '../target/target.ts'

/** One question to a target that is tried out. */
export interface Question {
  readonly organizationId: string
  readonly target: Target
  readonly request: PreparedRequest
  readonly signal: AbortSignal
}

/** What a target answers to a request that shows whether it works. Nothing of it is remembered. */
export async function ask(
  { organizationId, target, request, signal }: Question,
  deps: Dependencies,
): Promise<CallResult> {
  const call = { organizationId, targets: [target], prepare: () => request, signal }
  const result = await callFirstHealthy(call, deps, newTrace(''))
  if (result.kind === 'answer') result.deadlines?.end()
  return result
}

/** Work with a target that is let go of when its time is over, which the signal says. */
export async function withinTime<Result>(
  milliseconds: number,
  { startTimer }: Pick<Dependencies, 'startTimer'>,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController()
  const stop = startTimer(milliseconds, () => controller.abort())
  try {
    return await work(controller.signal)
  } finally {
    stop()
  }
}

/** The request by which a provider shows at next to no cost whether a credential works. */
export function probeRequest(target: Target, deps: Dependencies): PreparedRequest {
  const { probe, native } = target.provider
  const { body } = probe
  return jsonRequest(urlAt(target, probe.path(target.site), deps), body, native.defaultHeaders)
}

/** A POST of a body; a GET where there is none. */
export function jsonRequest(
  url: string,
  body: object | undefined,
  more: OutgoingHeaders = {},
): PreparedRequest {
  const headers = { ...more, accept: 'application/json', 'accept-encoding': 'identity' }
  return body === undefined
    ? { method: 'GET', url, headers, body: null }
    : {
        method: 'POST',
        url,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }
}
