import { type ErrorCode, GatewayError } from '../core/errors.ts'
import { groupOf } from '../providers/provider.ts'
import { discard, type Failed, moreTelling } from './call-upstream.ts'
import { warnInto } from './compat-for.ts'
import type { Dependencies } from './dependencies.ts'
import { noteModel } from './destination.ts'
import type { Candidate } from './open-call.ts'
import type { OpenedCall } from './opened-call.ts'
import type { Trace } from './trace.ts'
import { failureError } from './upstream-failure.ts'

/** A candidate to which nothing was sent, and why. */
interface Refusal {
  readonly name: string
  readonly error: GatewayError
}

/** How a candidate failed at all of its places. */
interface Failure {
  readonly opened: OpenedCall
  readonly telling: Failed
}

/**
 * The answer of the first candidate that gives one. Whatever keeps a request from being sent to a candidate gives way to
 * the next, as do the failures of its upstream that `serve` returns; what `serve` throws after something was sent is
 * for the caller. Throws what tells most where none is left.
 */
export async function firstAnswer(
  candidates: readonly Candidate[],
  serve: (opened: OpenedCall) => Promise<Response | Failed>,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const refusals: Refusal[] = []
  let failure: Failure | undefined
  try {
    for (const { name, open } of candidates) {
      const sentBefore = sentCount(trace)
      // What a candidate that did not answer could not take is no news to the caller.
      const warningsBefore = trace.warnings.length
      try {
        const opened = open()
        const outcome = await serve(opened)
        if (outcome instanceof Response) return outcome
        trace.warnings.splice(warningsBefore)
        failure = moreTellingOf(failure, { opened, telling: outcome }, deps)
        if (opened.signal.aborted) break
      } catch (error) {
        const isRefusal = error instanceof GatewayError && sentCount(trace) === sentBefore
        if (!isRefusal || candidates.length === 1) throw error
        trace.warnings.splice(warningsBefore)
        warnInto(trace)(`${name}:${error.code}`)
        refusals.push({ name, error })
      }
    }
    if (failure === undefined) throw refusedByAll(refusals)
    noteFailed(failure, trace)
    throw withRefusals(await failureError(failure.telling, deps, trace), refusals)
  } finally {
    if (failure !== undefined) discard(failure.telling, deps)
  }
}

/** Attempts for which something was sent, or was to be. */
function sentCount({ attempts }: Trace): number {
  return attempts.filter(({ reason }) => reason !== 'misconfigured').length
}

function moreTellingOf(
  known: Failure | undefined,
  failure: Failure,
  deps: Pick<Dependencies, 'waitUntil'>,
): Failure {
  if (known === undefined) return failure
  const isKnown = moreTelling(known.telling, failure.telling) === known.telling
  const [kept, dropped] = isKnown ? [known, failure] : [failure, known]
  discard(dropped.telling, deps)
  return kept
}

/** The headers of an error speak of the target that it tells of. */
function noteFailed({ opened: { named }, telling: { target } }: Failure, trace: Trace): void {
  noteModel(trace, named.provider, named.model)
  trace.provider = groupOf(target.provider)
  trace.providerKeyId = target.keyId
}

/** What a caller can mend in the request tells more than what only the organization can. */
const OF_THE_REQUEST: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'unsupported_parameter'])

function refusedByAll(refusals: readonly Refusal[]): GatewayError {
  const first = refusals.find(({ error }) => OF_THE_REQUEST.has(error.code)) ?? refusals[0]
  if (first === undefined) return new GatewayError('unknown_model', 'The route has no targets.')
  const { code, details } = first.error
  const message = `None of the route's targets can take the call. ${listOf(refusals)}`
  return new GatewayError(code, message, details)
}

function withRefusals(error: GatewayError, refusals: readonly Refusal[]): GatewayError {
  if (refusals.length === 0) return error
  const message = `${error.message} Not tried: ${listOf(refusals)}`
  return new GatewayError(error.code, message, error.details)
}

function listOf(refusals: readonly Refusal[]): string {
  return refusals.map(({ name, error }) => `${name} (${error.code}): ${error.message}`).join(' ')
}
