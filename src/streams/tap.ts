import type { PipeEnd } from './pipe.ts'

/** Who listens to a stream's bytes without a say in them. */
export interface StreamListener {
  /** What it throws ends its listening, and nothing else. */
  hear(bytes: Uint8Array): void
  /** Told once how the stream ended; whole also where the listener gave up. */
  ended(how: PipeEnd): void
}

/** The same stream, byte for byte, error for error, with somebody who listens. */
export function tap(
  upstream: ReadableStream<Uint8Array>,
  listener: StreamListener,
): ReadableStream<Uint8Array> {
  const reader = upstream.getReader()
  let isListening = true
  const hear = (bytes: Uint8Array): void => {
    if (!isListening) return
    try {
      listener.hear(bytes)
    } catch {
      isListening = false
    }
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) {
            hear(value)
            controller.enqueue(value)
            return
          }
          listener.ended('whole')
          controller.close()
        } catch (error) {
          listener.ended('cut')
          controller.error(error)
        }
      },
      async cancel(reason) {
        listener.ended('left')
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
