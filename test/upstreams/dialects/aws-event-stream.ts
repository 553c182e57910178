import { EventStreamCodec } from '@smithy/eventstream-codec'
import type { Frame, ProblemKind, StreamAnswer } from '../provider.ts'
import type { Headers } from './sse.ts'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)

/** One event in AWS's binary framing. */
export function eventFrame(type: string, payload: unknown, isDelta = false): Frame {
  return frame({ ':message-type': 'event', ':event-type': type }, payload, isDelta)
}

/** An exception in the middle of a stream. */
export function exceptionFrame(type: string, message: string): Frame {
  return frame({ ':message-type': 'exception', ':exception-type': type }, { message }, false)
}

/** A stream of such events, and how it fails. */
export function eventStreamAnswer(frames: Frame[], headers: Headers): StreamAnswer {
  return {
    kind: 'stream',
    status: 200,
    headers: { 'content-type': 'application/vnd.amazon.eventstream', ...headers },
    frames,
    errorFrame: (_, kind) =>
      exceptionFrame(
        exceptions[kind ?? 'not-found'] ?? 'modelStreamErrorException',
        'The model stopped in mid-sentence.',
      ).bytes,
  }
}

const exceptions: Partial<Record<ProblemKind, string>> = {
  'rate-limit': 'throttlingException',
  overloaded: 'serviceUnavailableException',
  'server-error': 'internalServerException',
  'bad-request': 'validationException',
}

function frame(names: Record<string, string>, payload: unknown, isDelta: boolean): Frame {
  const headers = Object.fromEntries(
    Object.entries({ ...names, ':content-type': 'application/json' }).map(([name, value]) => [
      name,
      { type: 'string' as const, value },
    ]),
  )
  return { bytes: codec.encode({ headers, body: Buffer.from(JSON.stringify(payload)) }), isDelta }
}
