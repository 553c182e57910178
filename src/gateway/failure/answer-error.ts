import { GatewayError } from '../../core/errors.ts'
import type { Target } from '../target/target.ts'
import { safeMessage } from './safe-message.ts'
import { inStreamError } from './stream-errors.ts'

/**
 * What is thrown while a whole answer is read: where an upstream said an error in place of one, that error, as a stream
 * would tell it. The formats do not know the credential that its words may repeat.
 */
export function answerError(error: unknown, target: Target): unknown {
  if (!(error instanceof GatewayError)) return error
  const { message, code, details } = error
  if (code !== 'upstream_error') {
    return new GatewayError(code, safeMessage(message, target.site.credential), details)
  }
  const { upstream: { type, code: word } = {}, status } = details
  const said = {
    message,
    ...(type === undefined ? {} : { type }),
    ...(typeof word === 'string' ? { code: word } : {}),
    ...(status === undefined ? {} : { status }),
  }
  return inStreamError(said, target)
}

/** For an answer that is not what every answer is. */
export function noJsonObject({ provider }: Target): GatewayError {
  const message = `${provider.name} answered with something other than a whole JSON object.`
  return new GatewayError('upstream_error', message)
}
