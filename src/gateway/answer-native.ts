import { awsExceptionFrame } from '../streams/aws-event-stream.ts'
import { pipeWithFailure } from '../streams/pipe.ts'
import type { Attempt, CallResult, Failed } from './call-upstream.ts'
import type { Dependencies } from './dependencies.ts'
import { dialectOf } from './formats.ts'
import { nativeResponseHeaders } from './response-headers.ts'
import { cutOffError } from './stream-errors.ts'
import type { Trace } from './trace.ts'
import { failureError } from './upstream-failure.ts'

export interface NativeOutcome {
  readonly attempt: CallResult
  readonly path: string
}

/**
 * The provider's own answer, untouched: also when it is an error, and the last one when every key failed.
 * Throws only where there is no answer to hand on.
 */
export async function answerNative(
  { attempt, path }: NativeOutcome,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const { response } = attempt
  if (attempt.kind === 'failure' && !canHandOn(attempt)) {
    throw await failureError(response === undefined ? attempt.telling : attempt, deps, trace)
  }
  if (response === undefined) throw new Error('An answer without a response.')
  const headers = nativeResponseHeaders(response.headers, trace)
  const failure = failureInStream(attempt, path, headers['content-type'] ?? '', trace)
  const { status, body } = response
  // A body whose end is told by its length or by the connection needs no watching: a cut is seen by the caller.
  if (failure === undefined || body === null) return new Response(body, { status, headers })
  return new Response(pipeWithFailure(body, failure), { status, headers })
}

/** A redirect is an error, and a status beyond the known ones cannot be answered with. */
function canHandOn({ reason, response }: Failed): boolean {
  return response !== undefined && reason !== 'redirected' && response.status < 600
}

/** What is written into a stream that the upstream cut off, in the provider's own dialect. */
function failureInStream(
  { target }: Attempt,
  path: string,
  contentType: string,
  trace: Trace,
): (() => Uint8Array) | undefined {
  if (/^application\/vnd\.amazon\.eventstream\b/i.test(contentType)) {
    return () => awsExceptionFrame('internalServerException', cutOffError(trace).message)
  }
  if (!/^text\/event-stream\b/i.test(contentType)) return undefined
  const { dialects } = target.provider.native
  const name = dialects.find(([pattern]) => pattern.test(path))?.[1] ?? 'openai-chat'
  const text = dialectOf(name).failure(cutOffError(trace), trace.requestId)
  // The cut may have come in the middle of an event: a blank line ends whatever was begun.
  return () => new TextEncoder().encode(`\n\n${text}`)
}
