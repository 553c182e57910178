import type { StreamDialect } from '../../core/wire-format.ts'
import { awsExceptionFrame } from '../../streams/aws-event-stream.ts'
import { type PipeEnd, pipeWithFailure } from '../../streams/pipe.ts'
import { tap } from '../../streams/tap.ts'
import { type Attempt, type CallResult, discard, type Failed } from '../attempt/outcome.ts'
import { limitedBody } from '../attempt/take-answer.ts'
import { failureError } from '../attempt/upstream-failure.ts'
import type { Dependencies } from '../dependencies.ts'
import { cutOffError } from '../failure/stream-errors.ts'
import { usageEar } from '../passage/native-usage.ts'
import { dialectOf } from '../passage/stream-dialects.ts'
import { type Ending, endingOfStatus } from '../record/meter.ts'
import { countsTokens, type Trace } from '../record/trace.ts'
import type { Target } from '../target/target.ts'
import { nativeResponseHeaders } from './response-headers.ts'

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
  if (attempt.kind === 'failure') {
    const { telling } = attempt
    if (response === undefined) throw await failureError(telling, deps, trace)
    if (telling.response !== response) discard(telling, deps)
    if (!canHandOn(attempt)) throw await failureError(attempt, deps, trace)
  }
  if (response === undefined) throw new Error('An answer without a response.')
  const headers = nativeResponseHeaders(response.headers, trace)
  const failure = failureInStream(attempt, path, headers['content-type'] ?? '', trace)
  const { status } = response
  const deadlines = attempt.kind === 'answer' ? attempt.deadlines : undefined
  const limited = limitedBody({ ...attempt, response, deadlines })
  const body = limited && heard(limited, { attempt, path, headers, status }, trace)
  // A body whose end is told by its length or by the connection needs no watching: a cut is seen by the caller.
  if (failure === undefined || body === null) return new Response(body, { status, headers })
  trace.meter.hold()
  const stream = pipeWithFailure(body, failure, (how) => {
    deadlines?.end()
    trace.meter.end(endingOf(status, how, trace))
  })
  return new Response(stream, { status, headers })
}

interface NativeAnswer extends NativeOutcome {
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
}

/** The body itself; where the organization counts native tokens too, somebody listens to it. */
function heard(
  body: ReadableStream<Uint8Array>,
  { attempt: { target }, path, headers, status }: NativeAnswer,
  trace: Trace,
): ReadableStream<Uint8Array> {
  const { meter } = trace
  if (!countsTokens(trace)) return body
  const type = headers['content-type'] ?? ''
  const ear = usageEar(type, dialectAt(target, path), (told) => meter.tell(told))
  if (ear === undefined) return body
  meter.hold()
  return tap(body, {
    hear: (bytes) => ear.hear(bytes),
    ended(how) {
      ear.close()
      meter.end(endingOf(status, how, trace))
    },
  })
}

function endingOf(status: number, how: PipeEnd, trace: Trace): Ending {
  if (how === 'whole') return endingOfStatus(status)
  return { status, outcome: how === 'left' ? 'client_left' : cutOffError(trace).code }
}

function dialectAt({ provider }: Target, path: string): StreamDialect {
  const { dialects } = provider.native
  return dialectOf(dialects.find(([pattern]) => pattern.test(path))?.[1] ?? 'openai-chat')
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
  return () => {
    const text = dialectAt(target, path).failure(cutOffError(trace), trace.requestId)
    // The cut may have come in the middle of an event: a blank line ends whatever was begun.
    return new TextEncoder().encode(`\n\n${text}`)
  }
}
