import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { groupOf } from '../../providers/provider.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Trace } from '../record/trace.ts'
import { warnInto } from '../record/warn-into.ts'
import { noteModel } from '../target/destination.ts'
import { moreTelling } from './call-upstream.ts'
import { discard } from './outcome.ts'
import type { Failure, Refusal } from './try-candidate.ts'
import { failureError } from './upstream-failure.ts'

/** The candidates that gave way to others, for the error where none is left. */
export interface GivenWay {
  note(outcome: Failure | Refusal): void
  /** What tells most of why there is no answer. */
  error(): Promise<GatewayError>
  /** Lets go of what is kept for the error. */
  letGo(): void
}

export function givenWay(deps: Pick<Dependencies, 'waitUntil' | 'sleep'>, trace: Trace): GivenWay {
  const refusals: Refusal[] = []
  let failure: Failure | undefined
  return {
    note(outcome) {
      if (outcome.kind === 'failure') {
        failure = moreTellingOf(failure, outcome, deps)
        return
      }
      warnInto(trace)(`${outcome.name}:${outcome.error.code}`)
      refusals.push(outcome)
    },
    async error() {
      if (failure === undefined) return refusedByAll(refusals)
      noteFailed(failure, trace)
      return withRefusals(await failureError(failure.telling, deps, trace), refusals)
    },
    letGo() {
      if (failure !== undefined) discard(failure.telling, deps)
    },
  }
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
