import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { isObject, tryParseJson } from '../../core/parse.ts'
import { defined } from '../../core/read.ts'
import type { StreamedError } from '../../core/wire-format.ts'
import { type ErrorMeaning, meaningOf } from '../../providers/error-words.ts'
import type { AwsEvent } from '../../streams/aws-event-stream.ts'
import type { Trace } from '../record/trace.ts'
import type { Target } from '../target/target.ts'
import { safeMessage, safeWords } from './safe-message.ts'

/** Said in a stream whose upstream stopped before it had finished. */
export function cutOffError(trace: Trace): GatewayError {
  if (trace.brokenOff !== undefined) return trace.brokenOff
  return new GatewayError(
    'upstream_error',
    `${trace.provider ?? 'The provider'} stopped before its answer was complete (request ${trace.requestId}).`,
  )
}

/** An error that an upstream said in its stream. */
export function inStreamError(error: StreamedError, { site, provider }: Target): GatewayError {
  const { message, status } = error
  const { type, code } = safeWords(error, site.credential)
  const meaning = meaningOf(error, provider)
  return new GatewayError(
    meaning === undefined ? codeOfStatus(status) : CODE_OF_MEANING[meaning],
    safeMessage(message, site.credential),
    {
      upstream: defined({ type, code }),
      ...(meaning === 'spent' ? { retryable: false } : {}),
    },
  )
}

const CODE_OF_MEANING: Readonly<Record<ErrorMeaning, ErrorCode>> = {
  'rate-limited': 'rate_limited',
  overloaded: 'upstream_overloaded',
  'timed-out': 'upstream_timeout',
  spent: 'rate_limited',
}

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  404: 'invalid_request',
  408: 'upstream_timeout',
  413: 'invalid_request',
  422: 'invalid_request',
  429: 'rate_limited',
  503: 'upstream_overloaded',
  504: 'upstream_timeout',
  529: 'upstream_overloaded',
}

function codeOfStatus(status = 502): ErrorCode {
  return CODE_OF_STATUS[status] ?? 'upstream_error'
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html */
const STATUS_OF_EXCEPTION: Readonly<Record<string, number>> = {
  throttlingException: 429,
  serviceUnavailableException: 503,
  modelTimeoutException: 408,
  validationException: 400,
}

/** An exception in a stream of Amazon's. */
export function exceptionError({ type, payload }: AwsEvent, target: Target): GatewayError {
  const body = tryParseJson(payload)
  const said = isObject(body) && typeof body['message'] === 'string' ? body['message'] : type
  return new GatewayError(
    codeOfStatus(STATUS_OF_EXCEPTION[type]),
    safeMessage(said, target.site.credential),
  )
}
