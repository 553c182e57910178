import { type ErrorCode, GatewayError } from '../core/errors.ts'
import { isObject, tryParseJson } from '../core/parse.ts'
import type { StreamedError } from '../core/wire-format.ts'
import type { AwsEvent } from '../streams/aws-event-stream.ts'
import { safeMessage } from './safe-message.ts'
import type { Target } from './target.ts'
import type { Trace } from './trace.ts'

/** Said in a stream whose upstream stopped before it had finished. */
export function cutOffError(trace: Trace): GatewayError {
  if (trace.silentMs !== undefined) return silenceError(trace, trace.silentMs)
  return new GatewayError(
    'upstream_error',
    `${trace.provider ?? 'The provider'} stopped before its answer was complete (request ${trace.requestId}).`,
  )
}

function silenceError({ provider, requestId }: Trace, silentMs: number): GatewayError {
  const seconds = Math.ceil(silentMs / 1000)
  return new GatewayError(
    'upstream_timeout',
    `${provider ?? 'The provider'} sent nothing for ${seconds} s (request ${requestId}).`,
  )
}

/** An error that an upstream said in its stream. */
export function inStreamError(error: StreamedError, { site }: Target): GatewayError {
  const { type, code, status } = error
  return new GatewayError(
    codeOfStatus(status ?? STATUS_OF_WORD.get(code ?? '') ?? STATUS_OF_WORD.get(type ?? '')),
    safeMessage(error.message, site.credential),
    {
      upstream: {
        ...(type === undefined ? {} : { type }),
        ...(code === undefined ? {} : { code }),
      },
    },
  )
}

/** Words and numbers that OpenAI-like providers have for errors which other keys or other times may not meet. */
const STATUS_OF_WORD: ReadonlyMap<string, number> = new Map([
  ['overloaded_error', 529],
  ['server_overloaded', 503],
  ['server_is_overloaded', 503],
  ['slow_down', 503],
  ['service_unavailable', 503],
  ['The service is currently unavailable', 503],
  ['ServiceUnavailable', 503],
  ['1305', 503],
  ['rate_limit_error', 429],
  ['rate_limit_exceeded', 429],
  ['Some resource has been exhausted', 429],
  ['1302', 429],
  ['timeout', 504],
])

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
