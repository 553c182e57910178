import { ERRORS, type GatewayError } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import type { StreamedError } from '../../core/wire-format.ts'

export interface AnthropicErrorBody {
  readonly type: 'error'
  readonly error: {
    readonly type: string
    readonly message: string
    readonly details?: JsonObject
  }
  readonly request_id: string
}

/** Anthropic's own statuses for its types, for errors whose status came from an upstream. */
const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
}

/** https://platform.claude.com/docs/en/api/errors */
export function encodeError(error: GatewayError, requestId: string): AnthropicErrorBody {
  const { facts, status } = error.details
  const type =
    status === undefined
      ? ERRORS[error.code].anthropicType
      : (TYPE_OF_STATUS[error.status] ?? 'invalid_request_error')
  return {
    type: 'error',
    error: { type, message: error.message, ...(facts === undefined ? {} : { details: facts }) },
    request_id: requestId,
  }
}

/** The one status that differs from every other dialect's: an overloaded service is 529 here. */
export function statusOf(error: GatewayError): number {
  return error.code === 'upstream_overloaded' ? 529 : error.status
}

/** What Anthropic's types would be as an answer's status, for errors that come in a stream. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
}

/** `{"type": "error", "error": {"type", "message"}}`, in an answer or in a stream. */
export function decodeError(body: unknown): StreamedError | undefined {
  if (!isObject(body) || !isObject(body['error'])) return undefined
  const { type, message } = body['error']
  if (typeof type !== 'string') return undefined
  const status = STATUS_OF_TYPE[type]
  return {
    message: typeof message === 'string' ? message : type,
    type,
    ...(status === undefined ? {} : { status }),
  }
}

/** What an error of this shape has for programs to go by: `{"type": "error", "error": {"details": {…}}}`. */
export function factsIn(body: unknown): JsonObject | undefined {
  if (!isObject(body) || body['type'] !== 'error' || !isObject(body['error'])) return undefined
  const { details } = body['error']
  return isObject(details) ? details : undefined
}
