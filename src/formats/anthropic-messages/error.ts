import { ERRORS, type GatewayError } from '../../core/errors.ts'

export interface AnthropicErrorBody {
  readonly type: 'error'
  readonly error: { readonly type: string; readonly message: string }
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
  const type =
    error.details.status === undefined
      ? ERRORS[error.code].anthropicType
      : (TYPE_OF_STATUS[error.status] ?? 'invalid_request_error')
  return { type: 'error', error: { type, message: error.message }, request_id: requestId }
}

/** The one status that differs from every other dialect's: an overloaded service is 529 here. */
export function statusOf(error: GatewayError): number {
  return error.code === 'upstream_overloaded' ? 529 : error.status
}
