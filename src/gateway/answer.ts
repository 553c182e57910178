import { GatewayError } from '../core/errors.ts'
import { isObject, tryParseJson } from '../core/parse.ts'
import type { SseEvent, WireFormat } from '../core/wire-format.ts'
import type { Service } from '../providers/provider.ts'
import { awsFramesToSse, type FrameReading } from '../streams/aws-to-sse.ts'
import type { AwsEvent } from '../streams/aws-event-stream.ts'
import { observeSse } from '../streams/observe.ts'
import { pump } from '../streams/pump.ts'
import type { Answered, CallResult } from './call-upstream.ts'
import type { Dependencies } from './dependencies.ts'
import { safeMessage } from './safe-message.ts'
import type { Target } from './target.ts'
import { dialectOfFormat } from './formats.ts'
import { claudeEventInFrame } from './claude-frames.ts'
import { universalResponseHeaders } from './response-headers.ts'
import type { Trace } from './trace.ts'
import { declinedError, failureError, inStreamError } from './upstream-failure.ts'

export interface CallOutcome {
  readonly attempt: CallResult
  readonly format: WireFormat
  readonly service: Service
  readonly wantsStream: boolean
}

const EVENT_STREAM = /^(?:text\/event-stream|application\/vnd\.amazon\.eventstream)\b/i

/** The caller's answer for how a call ended. Throws what must be told as an error. */
export async function answerCall(
  outcome: CallOutcome,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const { attempt } = outcome
  if (attempt.kind === 'failure') throw await failureError(attempt.telling, deps, trace)
  const { response } = attempt
  if (!response.ok) throw await declinedError(attempt, deps)
  const headers = universalResponseHeaders(response.headers, trace)
  const type = headers.get('content-type') ?? ''
  if (outcome.wantsStream && EVENT_STREAM.test(type)) {
    headers.set('content-type', 'text/event-stream; charset=utf-8')
    headers.set('cache-control', 'no-cache')
    return new Response(streamOf(attempt, outcome, trace), { headers })
  }
  const isEmpty = response.body === null || response.headers.get('content-length') === '0'
  if (outcome.wantsStream || isEmpty || !/\bjson\b/i.test(type) || response.status !== 200) {
    await response.body?.cancel()
    const wanted = outcome.wantsStream ? 'a stream' : 'JSON'
    throw new GatewayError(
      'upstream_error',
      `${attempt.target.provider.name} answered ${response.status} with something else than ${wanted}.`,
    )
  }
  return new Response(response.body, { status: response.status, headers })
}

function streamOf(
  { response, target }: Answered,
  { format, service }: CallOutcome,
  trace: Trace,
): ReadableStream | null {
  if (response.body === null) return null
  const dialect = dialectOfFormat(format)
  const cutOff = (): string => dialect.failure(cutOffError(trace), trace.requestId)
  const isLast = (event: SseEvent): boolean => dialect.isLast(event)
  if (service.framing !== 'aws-event-stream') {
    const foreignError = (event: SseEvent): string | undefined => {
      const error = dialect.foreignError?.(event)
      return error && dialect.failure(inStreamError(error, target), trace.requestId)
    }
    return pump(response.body, observeSse({ isLast, foreignError, failure: cutOff }))
  }
  const reading: FrameReading = {
    event: claudeEventInFrame,
    isLast,
    failure: (exception) =>
      exception === undefined
        ? cutOff()
        : dialect.failure(exceptionError(exception, target), trace.requestId),
  }
  return pump(response.body, awsFramesToSse(reading))
}

/** Said in a stream whose upstream stopped before it had finished. */
export function cutOffError(trace: Trace): GatewayError {
  return new GatewayError(
    'upstream_error',
    `${trace.provider ?? 'The provider'} stopped before its answer was complete (request ${trace.requestId}).`,
  )
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html */
function exceptionError({ type, payload }: AwsEvent, { site }: Target): GatewayError {
  const body = tryParseJson(payload)
  const said = isObject(body) && typeof body['message'] === 'string' ? body['message'] : type
  const message = safeMessage(said, site.credential)
  switch (type) {
    case 'throttlingException':
      return new GatewayError('rate_limited', message)
    case 'serviceUnavailableException':
      return new GatewayError('upstream_overloaded', message)
    case 'modelTimeoutException':
      return new GatewayError('upstream_timeout', message)
    case 'validationException':
      return new GatewayError('invalid_request', message)
    default:
      return new GatewayError('upstream_error', message)
  }
}
