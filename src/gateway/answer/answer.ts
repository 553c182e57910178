import { GatewayError } from '../../core/errors.ts'
import type { Deadlines } from '../../streams/deadlines.ts'
import { pump } from '../../streams/pump.ts'
import { limitSilence } from '../../streams/silence.ts'
import type { Answered } from '../attempt/outcome.ts'
import { limitedBody, takeWhole } from '../attempt/take-answer.ts'
import { declinedError } from '../attempt/upstream-failure.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Passage } from '../passage/passage.ts'
import { countsTokens, type Trace } from '../record/trace.ts'
import { RecordedStage } from './recorded-stage.ts'
import { requireAnswer } from './require-answer.ts'
import { universalResponseHeaders } from './response-headers.ts'

export interface CallOutcome {
  readonly attempt: Answered
  readonly passage: Passage
  readonly wantsStream: boolean
}

/** What a stream's headers say of it. */
export const STREAM = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
}
const EVENT_STREAM = /^(?:text\/event-stream|application\/vnd\.amazon\.eventstream)\b/i
const JSON_TYPE = /\bjson\b/i

/** The caller's answer for a target's. Throws what must be told as an error. */
export async function answerCall(
  { attempt, passage, wantsStream }: CallOutcome,
  deps: Pick<Dependencies, 'sleep' | 'nowMs'>,
  trace: Trace,
): Promise<Response> {
  const { response } = attempt
  if (!response.ok) throw await declinedError(attempt, deps)
  const body = streamIn(attempt, passage)
  if (wantsStream && body !== undefined) {
    const stage = new RecordedStage(passage.stageFor(attempt), deps, trace)
    const stream = await streamOf(body, stage, attempt.deadlines)
    return new Response(stream, {
      headers: universalResponseHeaders(response.headers, trace, STREAM),
    })
  }
  if (passage.assembled !== undefined && body !== undefined) {
    const { deadlines } = attempt
    const limited = deadlines === undefined ? body : limitSilence(body, deadlines)
    return jsonAnswer(await passage.assembled(attempt, limited), response, trace)
  }
  const type = response.headers.get('content-type') ?? ''
  const isEmpty = response.body === null || response.headers.get('content-length') === '0'
  if (wantsStream || isEmpty || !JSON_TYPE.test(type) || response.status !== 200) {
    await response.body?.cancel()
    const wanted = wantsStream ? 'a stream' : 'JSON'
    throw new GatewayError(
      'upstream_error',
      `${attempt.target.provider.name} answered ${response.status} with something other than ${wanted}.`,
    )
  }
  if (passage.wholeAnswer !== undefined) {
    const text = await takeWhole(attempt, (whole) => whole.text(), trace)
    return jsonAnswer(passage.wholeAnswer(attempt, text), response, trace)
  }
  const headers = universalResponseHeaders(response.headers, trace, { 'content-type': type })
  return new Response(await asItCame(attempt, passage, trace), { headers })
}

const decoder = new TextDecoder()

/** The answer's own bytes: read only where their tokens are counted, or something in them has to be said otherwise. */
async function asItCame(
  attempt: Answered,
  passage: Passage,
  trace: Trace,
): Promise<ArrayBuffer | ReadableStream | string | null> {
  const isCounted = passage.told !== undefined && countsTokens(trace)
  if (!isCounted && passage.edited === undefined) return limitedBody(attempt)
  const bytes = await takeWhole(attempt, (whole) => whole.arrayBuffer(), trace)
  const text = decoder.decode(bytes)
  requireAnswer(text, attempt.target)
  if (isCounted) trace.meter.tell(passage.told?.(text))
  return passage.edited?.(text) ?? bytes
}

/** The stream in a provider's answer, or the one that is made of it; undefined where it is to be taken as a whole. */
export function streamIn(
  { response: { body, headers } }: Answered,
  passage: Passage,
): ReadableStream<Uint8Array> | undefined {
  if (body === null) return undefined
  const type = headers.get('content-type') ?? ''
  if (EVENT_STREAM.test(type)) return body
  return JSON_TYPE.test(type) ? passage.asStream?.(body) : undefined
}

function jsonAnswer(text: string, { headers }: Response, trace: Trace): Response {
  const content = { 'content-type': 'application/json' }
  return new Response(text, { headers: universalResponseHeaders(headers, trace, content) })
}

/** The caller's stream. Throws what went wrong before anything of an answer: then there is still a status to tell it by. */
async function streamOf(
  body: ReadableStream<Uint8Array>,
  stage: RecordedStage,
  deadlines: Deadlines | undefined,
): Promise<ReadableStream<Uint8Array>> {
  const stream = await pump(body, stage, deadlines)
  if (stage.earlyFailure === undefined) {
    stage.goOn()
    return stream
  }
  await stream.cancel()
  throw stage.earlyFailure
}
