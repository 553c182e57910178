import { GatewayError } from '../core/errors.ts'
import {
  encodeError as encodeAnthropicError,
  statusOf as anthropicStatusOf,
} from '../formats/anthropic-messages/error.ts'
import { encodeError as encodeOpenAiError } from '../formats/openai-chat/error.ts'
import { sdkRequestId } from '../gateway/answer/response-headers.ts'
import { type Trace, traceHeaders } from '../gateway/record/trace.ts'

/** Whose error shape a route answers in. */
export type ErrorShape = 'openai' | 'anthropic'

/** How long a client waits before it tries again, where nobody said. */
const DEFAULT_RETRY_AFTER_SECONDS = 1

/** An error as the caller's dialect says it. What is not meant for callers becomes `internal_error`, and is logged. */
export function errorResponse(thrown: unknown, shape: ErrorShape, trace: Trace): Response {
  const error = gatewayErrorOf(thrown, trace)
  const isAnthropic = shape === 'anthropic'
  const body = isAnthropic ? encodeAnthropicError(error, trace.requestId) : encodeOpenAiError(error)
  // How long a look-up took would tell strangers what exists.
  if (error.status === 401) trace.timings.clear()
  const headers = new Headers({
    ...error.details.headers,
    'x-keyway-error-code': error.code,
    ...sdkRequestId(trace),
    ...traceHeaders(trace),
  })
  if (error.retryable) {
    const seconds = error.details.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS
    headers.set('retry-after', String(seconds))
  } else {
    // The official SDKs honour this: they would try a 409 or a 5xx again.
    headers.set('x-should-retry', 'false')
  }
  if (error.status === 401) headers.set('www-authenticate', 'Bearer')
  return Response.json(body, {
    status: isAnthropic ? anthropicStatusOf(error) : error.status,
    headers,
  })
}

/** What a caller may be told of it; what nobody foresaw is logged. */
export function gatewayErrorOf(thrown: unknown, trace: Trace): GatewayError {
  return thrown instanceof GatewayError ? thrown : unexpected(thrown, trace)
}

/**
 * Logs where it happened and never what was in it: an error's message can quote a body, a key or a URL.
 */
function unexpected(thrown: unknown, trace: Trace): GatewayError {
  const name = thrown instanceof Error ? thrown.name : typeof thrown
  const stack = thrown instanceof Error ? framesOf(thrown) : []
  // oxlint-disable-next-line no-console -- the one place that reports what nobody foresaw
  console.error(
    JSON.stringify({
      level: 'error',
      event: 'unexpected',
      request_id: trace.requestId,
      name,
      stack,
    }),
  )
  return new GatewayError(
    'internal_error',
    `Something went wrong inside Keyway. Quote the request id ${trace.requestId}.`,
  )
}

function framesOf(error: Error): string[] {
  const lines = (error.stack ?? '').split('\n').map((line) => line.trim())
  return lines.filter((line) => line.startsWith('at ')).slice(0, 8)
}
