import type { GatewayError } from '../core/errors.ts'
import type { SseEvent } from '../core/wire-format.ts'
import { type AwsEvent, awsFrameReader } from './aws-event-stream.ts'
import type { StageOutput, StageReader } from './reading-stage.ts'
import { sseReader } from './sse.ts'

/** Who is given a stream's events, whatever their framing. */
export interface EventConsumer {
  next(event: SseEvent): void
  /** The provider closed the stream in order. */
  close(): void
}

/** Server-sent events for a consumer, until the answer is over. */
export function readSse(output: StageOutput, consumer: EventConsumer): StageReader {
  const read = sseReader((event) => {
    if (!output.isOver) consumer.next(event)
  })
  return {
    read,
    close() {
      // Some servers leave out the blank line behind their last event; it may as well be half of one.
      try {
        read(BLANK_LINES)
      } catch (cause) {
        throw new Error('the stream ends within an event', { cause })
      }
      if (!output.isOver) consumer.close()
    },
  }
}

const BLANK_LINES = new TextEncoder().encode('\n\n')

/** How a format's events are found in Amazon's frames. */
export interface FrameSense {
  /** The event inside a frame; undefined for a frame that carries none. */
  event(frame: AwsEvent): SseEvent | undefined
  /** What an exception in the stream is to the caller. */
  exception(frame: AwsEvent): GatewayError
}

/** The events inside Amazon's frames for a consumer, until the answer is over. */
export function readFrames(
  output: StageOutput,
  consumer: EventConsumer,
  sense: FrameSense,
): StageReader {
  const take = (frame: AwsEvent): void => {
    if (output.isOver) return
    if (frame.messageType !== 'event') return output.fail(sense.exception(frame))
    const event = sense.event(frame)
    if (event !== undefined) consumer.next(event)
  }
  const frames = awsFrameReader(take)
  return {
    read: (bytes) => frames.read(bytes),
    close() {
      if (frames.hasPartialFrame()) throw new Error('the stream ends within a frame')
      consumer.close()
    },
  }
}
