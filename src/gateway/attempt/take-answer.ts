import { limitSilence } from '../../streams/silence.ts'
import type { Answered } from './call-upstream.ts'
import { cutOffError } from '../failure/stream-errors.ts'
import type { Trace } from '../record/trace.ts'

/**
 * All of an answer at once. It is only known when all of it is there, so that is what is limited; of a private model every
 * byte is waited for by itself, which may send a word a second. Throws the caller's error where it does not come whole.
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
    return await read(isPrivate ? new Response(limitedBody(answered), response) : response)
  } catch {
    throw cutOffError(trace)
  } finally {
    deadlines?.end()
  }
}

/** An answer's body for somebody who knows nothing of deadlines; a provider's is piped without anybody here who sees its bytes. */
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
