import { type ErrorCode, GatewayError } from '../core/errors.ts'

interface Failure {
  readonly code: ErrorCode
  /** For the caller, with the endpoint's name put in. A connector's own words are for administrators only. */
  readonly message: (endpoint: string) => string
  readonly retryAfterSeconds?: number
  /** Whatever the code says of it otherwise. */
  readonly retryable?: false
}

const OFFLINE: Failure = {
  code: 'tunnel_offline',
  message: (name) =>
    `No connector of the endpoint ${name} is online. Start one beside the model: npx keyway connect --endpoint ${name}.`,
  retryAfterSeconds: 5,
}

const DISCONNECTED: Failure = {
  code: 'tunnel_disconnected',
  message: (name) =>
    `The connector of the endpoint ${name} was lost while its model worked on this request, which may have been done.`,
  retryAfterSeconds: 1,
}

const OTHER: Failure = {
  code: 'upstream_error',
  message: (name) =>
    `The connector of the endpoint ${name} could not finish this request. Its log says why.`,
  retryAfterSeconds: 1,
}

/** What the Durable Object's failures are to a caller; docs/tunnel.md has the same table for connectors. */
const FAILURES: Readonly<Record<string, Failure>> = {
  offline: OFFLINE,
  draining: OFFLINE,
  lost: OFFLINE,
  'lost, accepted': DISCONNECTED,
  saturated: {
    code: 'tunnel_saturated',
    message: (name) =>
      `The endpoint ${name} works on as many requests as its connectors take. Try again, or start another connector.`,
    retryAfterSeconds: 1,
  },
  model_unreachable: {
    code: 'model_unreachable',
    message: (name) =>
      `The connector of the endpoint ${name} is online, but the model server behind it is not reached. Check that it runs and that the connector has its address.`,
    retryAfterSeconds: 5,
  },
  model_failed: {
    code: 'upstream_error',
    message: (name) => `The model server of the endpoint ${name} broke off before it answered.`,
    retryAfterSeconds: 1,
  },
  model_timeout: {
    code: 'upstream_timeout',
    message: (name) =>
      `The model server of the endpoint ${name} took longer than its connector waits. It may still be at work, so do not simply try again.`,
    retryable: false,
  },
  refused: {
    code: 'not_found',
    message: (name) =>
      `The connector of the endpoint ${name} does not pass this method and path on to its model server.`,
  },
  too_large: {
    code: 'request_too_large',
    message: () => 'The path and the headers of this request are too large for a tunnel.',
  },
}

/** What a failure that the Durable Object told means to the caller. */
export function tunnelError(endpointName: string, failure: string, cause?: unknown): GatewayError {
  const [code = ''] = failure.split(',')
  const { code: means, message, ...details } = FAILURES[failure] ?? FAILURES[code] ?? OTHER
  return new GatewayError(means, message(endpointName), { ...details, cause })
}

function failureThat(has: (flag: string) => boolean): string {
  // An object that was reset may have had the call, and its connector its model, whatever else is said of it.
  if (has('durableObjectReset')) return 'lost, accepted'
  if (has('overloaded')) return 'saturated'
  return has('retryable') ? 'offline' : 'lost, accepted'
}

/**
 * The Durable Object itself could not be reached, or died.
 * https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
export function objectFailure(endpointName: string, cause: unknown): GatewayError {
  const has = (flag: string): boolean => cause instanceof Error && Reflect.get(cause, flag) === true
  return tunnelError(endpointName, failureThat(has), cause)
}
