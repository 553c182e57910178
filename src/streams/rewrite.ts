import type { GatewayError } from '../core/errors.ts'
import type { SseEvent } from '../core/wire-format.ts'
import { type EventConsumer, type FrameSense, readFrames, readSse } from './read-events.ts'
import { readingStage, type StageOutput, type WatchedStage } from './reading-stage.ts'

export interface EventRewriter {
  /** The event as the caller is to get it, as text; empty to leave it out. Throws where it makes no sense. */
  rewrite(event: SseEvent): string
  /** Whether the dialect ends with the event. */
  isLast(event: SseEvent): boolean
  /** The error that an event is. */
  errorIn(event: SseEvent): GatewayError | undefined
  failure(error: GatewayError): string
  cutOff(): GatewayError
  /** Where the stream comes in Amazon's frames: how events are found in them. */
  readonly frames?: FrameSense
}

/** A stream's events in the same dialect, one by one, as server-sent events: for framing or details to be put right. */
export function rewriteEvents(rewriter: EventRewriter): WatchedStage {
  const { frames } = rewriter
  return readingStage((output) => {
    const consumer = consumerOf(rewriter, output)
    return frames === undefined ? readSse(output, consumer) : readFrames(output, consumer, frames)
  }, rewriter)
}

function consumerOf(rewriter: EventRewriter, output: StageOutput): EventConsumer {
  return {
    next(event) {
      const error = rewriter.errorIn(event)
      if (error !== undefined) return output.fail(error)
      output.write(rewriter.rewrite(event), true)
      if (rewriter.isLast(event)) output.finish()
    },
    // What has not ended by now has broken off.
    close: () => undefined,
  }
}
