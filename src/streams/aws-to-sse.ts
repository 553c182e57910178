import type { SseEvent } from '../core/wire-format.ts'
import { type AwsEvent, awsFrameReader } from './aws-event-stream.ts'
import { sseText } from './sse.ts'
import type { ByteStage } from './pump.ts'

/** How a framed stream's events are read as server-sent ones. */
export interface FrameReading {
  /** The event inside a frame, or undefined for a frame that carries none. */
  event(frame: AwsEvent): SseEvent | undefined
  isLast(event: SseEvent): boolean
  /** The text for a stream that failed; `exception` is the frame that said so, where one did. */
  failure(exception: AwsEvent | undefined): string
}

/** Turns Amazon's frames into server-sent events, each as soon as it is whole. */
export function awsFramesToSse(reading: FrameReading): ByteStage {
  const read = awsFrameReader()
  const encoder = new TextEncoder()
  let isOver = false
  const textOf = (frame: AwsEvent): string => {
    if (isOver) return ''
    if (frame.messageType !== 'event') {
      isOver = true
      return reading.failure(frame)
    }
    const event = reading.event(frame)
    if (event === undefined) return ''
    isOver = reading.isLast(event)
    return sseText(event.name, event.data)
  }
  return {
    next: (bytes) => encoder.encode(read(bytes).map(textOf).join('')),
    end: () => encoder.encode(isOver ? '' : reading.failure(undefined)),
  }
}
