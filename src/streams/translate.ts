import type { ChatEvent } from '../core/chat-events.ts'
import type { GatewayError } from '../core/errors.ts'
import type { StreamDecoder, StreamEncoder } from '../core/translation.ts'
import type { StreamedError } from '../core/wire-format.ts'
import { type EventConsumer, type FrameSense, readFrames, readSse } from './read-events.ts'
import { readingStage, type StageOutput, type WatchedStage } from './reading-stage.ts'

/** The two ends of a translated stream, and what to say when it fails. */
export interface StreamTranslation {
  decoder(emit: (event: ChatEvent) => void): StreamDecoder
  readonly encoder: StreamEncoder
  /** For an error that the upstream said itself. */
  errorSaid(error: StreamedError): GatewayError
  /** For a stream that broke off, or made no sense. */
  cutOff(): GatewayError
  /** Where the stream comes in Amazon's frames: how events are found in them. */
  readonly frames?: FrameSense
}

/** A provider's stream into server-sent events of the caller's format, each as soon as it is whole. */
export function translateStream(translation: StreamTranslation): WatchedStage {
  const { frames } = translation
  return readingStage(
    (output) => {
      const consumer = consumerOf(translation, output)
      return frames === undefined ? readSse(output, consumer) : readFrames(output, consumer, frames)
    },
    {
      failure: (error) => translation.encoder.fail(error),
      cutOff: () => translation.cutOff(),
    },
  )
}

function consumerOf(translation: StreamTranslation, output: StageOutput): EventConsumer {
  const { encoder } = translation
  return translation.decoder((event) => {
    if (output.isOver) return
    if (event.kind === 'error') return output.fail(translation.errorSaid(event.error))
    output.write(encoder.next(event), event.kind !== 'start' && event.kind !== 'ping')
    if (event.kind === 'end') output.finish()
  })
}
