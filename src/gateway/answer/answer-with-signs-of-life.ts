import { GatewayError } from '../../core/errors.ts'
import type { StreamDialect } from '../../core/wire-format.ts'
import {
  KEEP_ALIVE_COMMENT,
  KEEP_ALIVE_MS,
  keepAlive,
  type OpenedStream,
} from '../../streams/keep-alive.ts'
import type { WatchedStage } from '../../streams/reading-stage.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Trace } from '../record/trace.ts'
import { STREAM } from './answer.ts'
import { universalResponseHeaders } from './response-headers.ts'

/**
 * Answers a stream whose upstream may think for minutes. Where nothing has come for `KEEP_ALIVE_MS` the caller gets a 200 and
 * signs of life, and the answer, or an error event, follows in that stream; before that, everything is as if this were not
 * here. `answering` is all the work on the call; from then on it is `trace.remainingWork`.
 */
export async function answerWithSignsOfLife(
  answering: Promise<Response>,
  dialect: StreamDialect,
  { nowMs, sleep }: Pick<Dependencies, 'nowMs' | 'sleep'>,
  trace: Trace,
): Promise<Response> {
  let answer: Response | undefined
  const opening = answering.then((made): OpenedStream => {
    answer = made
    return { body: made.body ?? new ReadableStream({ start: (none) => none.close() }), stage }
  })
  const stream = await keepAlive(opening, {
    intervalMs: KEEP_ALIVE_MS,
    sign: dialect.signOfLife ?? KEEP_ALIVE_COMMENT,
    failure(thrown) {
      const error = thrown instanceof GatewayError ? thrown : unforeseen(trace)
      trace.meter.end({ status: 200, outcome: error.code })
      return dialect.failure(error, trace.requestId)
    },
    nowMs,
    sleep,
  })
  if (answer !== undefined) return new Response(stream, answer)
  trace.meter.hold()
  trace.remainingWork = answering
  const headers = universalResponseHeaders(new Headers(), trace, STREAM)
  return new Response(stream, { headers })
}

const NOTHING = new Uint8Array(0)

/** The answer is the caller's already, and tells its own end. */
const stage: WatchedStage = {
  next: (bytes) => bytes,
  end: () => NOTHING,
  earlyFailure: undefined,
  failure: undefined,
}

/** What it was is for the log, which whoever awaits `remainingWork` writes. */
function unforeseen({ requestId }: Trace): GatewayError {
  const message = `Something went wrong inside Keyway. Quote the request id ${requestId}.`
  return new GatewayError('internal_error', message)
}
