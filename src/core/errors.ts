import type { JsonObject } from './parse.ts'

/**
 * Every failure that a caller can meet, with its HTTP status and what it is called in each client's dialect.
 * Programs know them by their codes (docs/api.md); the two `type` columns are what the official SDKs switch on.
 */
interface ErrorRow {
  readonly status: number
  readonly openaiType: string
  readonly anthropicType: string
  /** Whether sending the same request again can help. */
  readonly retryable: boolean
}

const row = (
  status: number,
  openaiType: string,
  anthropicType: string,
  retryable = false,
): ErrorRow => ({ status, openaiType, anthropicType, retryable })

const unauthenticated = row(401, 'authentication_error', 'authentication_error')
const forbidden = row(403, 'permission_error', 'permission_error')
const badRequest = row(400, 'invalid_request_error', 'invalid_request_error')
const conflict = row(409, 'invalid_request_error', 'invalid_request_error')
const notFound = row(404, 'invalid_request_error', 'not_found_error')

export const ERRORS = {
  missing_api_key: unauthenticated,
  invalid_api_key: unauthenticated,
  missing_management_token: unauthenticated,
  invalid_management_token: unauthenticated,
  api_key_disabled: forbidden,
  model_not_allowed: forbidden,
  provider_not_allowed: forbidden,
  permission_denied: forbidden,
  ambiguous_credentials: badRequest,
  invalid_json: badRequest,
  invalid_request: badRequest,
  unsupported_parameter: badRequest,
  no_provider_key: badRequest,
  unknown_model: notFound,
  unknown_provider: notFound,
  unknown_endpoint: notFound,
  not_found: notFound,
  conflict,
  idempotency_conflict: conflict,
  precondition_failed: row(412, 'invalid_request_error', 'invalid_request_error'),
  request_too_large: row(413, 'request_too_large', 'request_too_large'),
  rate_limited: row(429, 'rate_limit_error', 'rate_limit_error', true),
  upstream_rejected_key: forbidden,
  upstream_error: row(502, 'server_error', 'api_error', true),
  upstream_unreachable: row(502, 'server_error', 'api_error', true),
  upstream_redirect: row(502, 'server_error', 'api_error'),
  upstream_overloaded: row(503, 'overloaded_error', 'overloaded_error', true),
  upstream_timeout: row(504, 'timeout_error', 'timeout_error', true),
  invalid_connector_token: unauthenticated,
  upgrade_required: row(426, 'invalid_request_error', 'invalid_request_error'),
  tunnel_offline: row(503, 'server_error', 'api_error', true),
  tunnel_disconnected: row(502, 'server_error', 'api_error', true),
  model_unreachable: row(502, 'server_error', 'api_error', true),
  tunnel_auth_failed: row(502, 'server_error', 'api_error'),
  tunnel_saturated: row(429, 'rate_limit_error', 'rate_limit_error', true),
  unavailable: row(503, 'server_error', 'api_error', true),
  misconfigured: row(500, 'server_error', 'api_error'),
  internal_error: row(500, 'server_error', 'api_error', true),
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS

/** What else is known about a failure. */
export interface ErrorDetails {
  /** The request field that is at fault, as the caller spells it. */
  readonly param?: string
  /** Replaces the status of the table: an upstream's own 4xx keeps its status. */
  readonly status?: number
  readonly retryAfterSeconds?: number
  /** Replaces the word of the table or the status: this failure stays until somebody mends something. */
  readonly retryable?: false
  /** An upstream's own words for the error, kept where the caller's dialect has room for them. */
  readonly upstream?: { readonly type?: string; readonly code?: string | null }
  /** What a program can know the failure by, kept where the caller's dialect has room for it. */
  readonly facts?: JsonObject
  /** What callers get of the headers of the upstream's answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** Never shown to a caller. */
  readonly cause?: unknown
}

/** The one error that Keyway throws. `message` is for the caller: it names what was wrong, where, and what to do. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly status: number
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.status = details.status ?? ERRORS[code].status
    this.details = details
  }

  /** Whether a client library may try again. */
  get retryable(): boolean {
    if (this.details.retryable === false) return false
    if (this.details.status === undefined) return ERRORS[this.code].retryable
    return this.status === 408 || this.status === 429 || this.status >= 500
  }
}

/** A 400 that names a field. */
export function invalidRequest(message: string, param?: string): GatewayError {
  return new GatewayError('invalid_request', message, param === undefined ? {} : { param })
}
