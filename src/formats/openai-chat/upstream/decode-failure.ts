import { GatewayError } from '../../../core/errors.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { StreamedError } from '../../../core/wire-format.ts'
import { decodeError } from '../error.ts'
import { failureOf } from './decode-finish.ts'

/** What is said where a failure has no words. */
const UNSAID = 'The provider failed without saying why.'

/**
 * The failure that a chunk or a whole answer is, in any host's shape: an error in place of choices or beside them, or a
 * finish reason that means one. Undefined for an answer.
 */
export function failureInChunk(chunk: JsonObject): StreamedError | undefined {
  const { choices, error } = chunk
  const hasError = (error ?? undefined) !== undefined && error !== false && error !== ''
  if (hasError || chunk['object'] === 'error') {
    return { ...(decodeError(chunk) ?? { message: UNSAID }), ...statusOf(chunk) }
  }
  if (!Array.isArray(choices)) return undefined
  for (const choice of choices) {
    const failure = isObject(choice) ? failureOf(choice['finish_reason']) : undefined
    if (failure !== undefined) return failure
  }
  return undefined
}

/** Codes that are numbers are HTTP's in most hosts' errors; Z.ai's own have four digits. */
function statusOf({ error, code }: JsonObject): { status?: number } {
  const said = isObject(error) ? (error['status'] ?? error['code']) : code
  const isStatus = typeof said === 'number' && Number.isInteger(said) && said >= 400 && said < 600
  return isStatus ? { status: said } : {}
}

/** A failure where an answer was to be. */
export function failedAnswer({ message, type, code, status }: StreamedError): GatewayError {
  const words = { ...(type === undefined ? {} : { type }), ...(code === undefined ? {} : { code }) }
  const details = { upstream: words, ...(status === undefined ? {} : { status }) }
  return new GatewayError('upstream_error', message, details)
}

/** An answer that makes no sense. */
export function senseless(what: string): GatewayError {
  return new GatewayError('upstream_error', `The provider's answer has ${what}.`)
}
