import { GatewayError } from '../../core/errors.ts'
import { limitSilence } from '../../streams/silence.ts'
import { readAtMost } from '../caller/read-body.ts'
import { cutOffError } from '../failure/stream-errors.ts'
import type { Trace } from '../record/trace.ts'
import type { Answered } from './outcome.ts'

/**
 * No private model's whole answer is longer: what never ends would fill the isolate, which others are served by as well. It has
 * 128 MB, and an answer is in there several times while it is read.
 */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * A whole answer, read in one go. Of a provider only the whole is limited, since no byte is seen before. A private model may
 * send a word a second, and anything may answer in its place: its bytes are timed one by one, and counted. Throws the
 * caller's error where it does not come whole.
 */
export async function takeWhole<Whole>(
  answered: Answered,
  read: (response: Response) => Promise<Whole>,
  trace: Trace,
): Promise<Whole> {
  const { response, deadlines } = answered
  const isPrivate = answered.target.endpoint !== undefined
  if (!isPrivate) deadlines?.takeWhole()
  try {
    return await read(isPrivate ? await countedWhole(answered) : response)
  } catch (error) {
    throw error instanceof GatewayError ? error : cutOffError(trace)
  } finally {
    deadlines?.end()
  }
}

async function countedWhole(answered: Answered): Promise<Response> {
  const { name } = answered.target.provider
  const body = limitedBody(answered)
  if (body === null) return answered.response
  const whole = await readAtMost(body, MAX_BYTES, () => {
    const message = `${name} answered with more than 16 MiB at once, which is not held. Ask it for less.`
    return new GatewayError('upstream_error', message, { retryable: false })
  })
  return new Response(whole)
}

/** An answer's body for a reader that knows nothing of deadlines. A provider's is piped without JavaScript seeing its bytes. */
export function limitedBody({
  response: { body },
  deadlines,
  target: { endpoint },
}: Pick<Answered, 'response' | 'deadlines' | 'target'>): ReadableStream<Uint8Array> | null {
  if (body === null) deadlines?.end()
  if (body === null || deadlines === undefined) return body
  if (endpoint !== undefined) return limitSilence(body, deadlines)
  deadlines.handOn()
  return body
}
