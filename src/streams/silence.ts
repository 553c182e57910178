import { growingReader } from './growing-reader.ts'

/** How long an upstream may be silent. */
export interface Patience {
  /** From now until its first byte. */
  readonly firstByteMs: number
  /** Between one byte and the next. */
  readonly idleMs: number
}

export interface SilenceWatch {
  readonly nowMs: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Told before the stream fails, with the limit that was passed. */
  readonly onSilent: (limitMs: number) => void
  /** Told before the stream fails because the upstream did. */
  readonly onBroken: () => void
}

/**
 * A stream that fails where its upstream is silent for too long, and lets go of it then. Only time in which somebody waits
 * for bytes counts: a reader that takes its time is not the upstream's fault.
 */
export function limitSilence(
  upstream: ReadableStream<Uint8Array>,
  { firstByteMs, idleMs }: Patience,
  { nowMs, sleep, onSilent, onBroken }: SilenceWatch,
): ReadableStream<Uint8Array> {
  const reader = growingReader(upstream)
  let limitMs = firstByteMs
  let waitingSinceMs: number | undefined
  let isOver = false
  let failReading: ((reason: Error) => void) | undefined
  // Not a race with one promise for the whole stream: that one would remember every read until it ends.
  const readOnce = (): ReturnType<typeof reader.read> =>
    new Promise((resolve, reject) => {
      failReading = reject
      reader.read().then(resolve, reject)
    })
  // One timer for the whole stream, that looks again when it has rung: a timer for each read would cost each read.
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const waitedMs = waitingSinceMs === undefined ? 0 : nowMs() - waitingSinceMs
      if (waitedMs >= limitMs) {
        isOver = true
        onSilent(limitMs)
        failReading?.(new Error('silent'))
        void reader.cancel().catch(() => undefined)
        return
      }
      // The limit is another one as soon as the first byte is there.
      // oxlint-disable-next-line no-await-in-loop -- one sleep after the other
      await sleep(Math.min(limitMs - waitedMs, idleMs))
    }
  }
  void watch()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        waitingSinceMs = nowMs()
        try {
          const { done, value } = await readOnce()
          waitingSinceMs = undefined
          limitMs = idleMs
          if (!done) return controller.enqueue(value)
          isOver = true
          controller.close()
        } catch (error) {
          if (!isOver) onBroken()
          isOver = true
          controller.error(error)
        }
      },
      async cancel(reason) {
        isOver = true
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
