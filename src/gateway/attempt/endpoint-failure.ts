import { GatewayError } from '../../core/errors.ts'
import { signsOfKind } from '../../providers/private-endpoint.ts'
import type { EndpointRecord } from '../../storage/replica/records.ts'
import type { Dependencies } from '../dependencies.ts'
import { readErrorText } from '../failure/error-text.ts'
import {
  isSuspicious,
  privateError,
  privateFailure,
  privateFault,
} from '../failure/private-failure.ts'
import type { Target } from '../target/target.ts'
import { judgeAnswer } from './judge-answer.ts'
import type { Attempt } from './outcome.ts'

/** A private endpoint's answer, or what stood in its place. */
type EndpointAnswer =
  | { readonly kind: 'its own'; readonly response: Response }
  | { readonly kind: 'in its place'; readonly error: GatewayError }

/** Of a private endpoint's answer it is first asked whose it is. */
export async function judgeEndpoint(
  { target, endpoint }: { readonly target: Target; readonly endpoint: EndpointRecord },
  received: { readonly response: Response; readonly url: string },
  deps: Pick<Dependencies, 'sleep' | 'nowMs'>,
): Promise<Attempt> {
  const answer = await answerOfEndpoint(endpoint, received, deps)
  return answer.kind === 'its own'
    ? await judgeAnswer(target, answer.response, deps)
    : { kind: 'failure', target, reason: 'unreachable', error: answer.error }
}

/** An answer may be somebody else's on the way to the model server, which is never handed on as the server's own. */
async function answerOfEndpoint(
  endpoint: EndpointRecord,
  { response, url }: { readonly response: Response; readonly url: string },
  { sleep }: Pick<Dependencies, 'sleep'>,
): Promise<EndpointAnswer> {
  const { name, reach } = endpoint
  // A status that HTTP does not have is a failure, whoever says it, and no other answer can be made with it.
  const isPossible = response.status < 600
  if (!isPossible || !isSuspicious(response)) return { kind: 'its own', response }
  const { status, headers } = response
  const isEmpty = response.body === null
  const body = await readErrorText(response, sleep)
  const host = reach === 'url' ? new URL(url).host : ''
  const failure = privateFailure({ status, headers, body, host }, signsOfKind(endpoint))
  if (failure !== undefined) return { kind: 'in its place', error: privateError(failure, name) }
  return { kind: 'its own', response: new Response(isEmpty ? null : body, { status, headers }) }
}

/** What it means that there was no answer. A connector's failures are told apart where they are received. */
export function faultOfEndpoint({ name }: EndpointRecord, thrown: unknown): GatewayError {
  return thrown instanceof GatewayError ? thrown : privateError(privateFault(thrown), name)
}
