/** What a stream's bytes become on their way through. One stage serves one stream. */
export interface ByteStage {
  /** What to send on for the bytes of one read; empty to wait for more. Throws on bytes that make no sense. */
  next(bytes: Uint8Array): Uint8Array
  /** What to send last, when the upstream has ended (`cut` false) or died or made no sense (`cut` true). */
  end(cut: boolean): Uint8Array
}

/**
 * A stream through a stage, a read at a time and no faster than the reader takes it. It always ends cleanly: how the
 * upstream ended is for the stage to say. When the reader leaves, the upstream is cancelled at once.
 */
export function pump(upstream: ReadableStream<Uint8Array>, stage: ByteStage): ReadableStream {
  const reader = upstream.getReader()
  let hasLeft = false
  const finish = (controller: ReadableStreamDefaultController, cut: boolean): void => {
    // To a reader who left there is nothing to say.
    if (hasLeft) return
    const last = stage.end(cut)
    if (last.length > 0) controller.enqueue(last)
    controller.close()
  }
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await reader.read()
            if (done) return finish(controller, false)
            const out = stage.next(value)
            if (out.length > 0) return controller.enqueue(out)
          }
        } catch {
          // The upstream died, or sent what cannot be read: either way it is not heard any further.
          void reader.cancel().catch(() => undefined)
          finish(controller, true)
        }
      },
      cancel(reason) {
        hasLeft = true
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
