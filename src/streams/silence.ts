import type { Deadlines } from './deadlines.ts'
import { growingReader } from './growing-reader.ts'

/** As large as a tunnel's frames of data; few private streams are open at once, so the memory is worth it. */
const LARGE_BYTES = 64 * 1024

/**
 * A stream that fails where its upstream is too late, and lets go of it then. It is for readers that know nothing of
 * deadlines: a JavaScript stream around another one costs several times the CPU.
 */
export function limitSilence(
  upstream: ReadableStream<Uint8Array>,
  deadlines: Deadlines,
): ReadableStream<Uint8Array> {
  const reader = growingReader(upstream, LARGE_BYTES)
  deadlines.stopReading = () => void reader.cancel().catch(() => undefined)
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          deadlines.waitingSinceMs = deadlines.nowMs()
          const { done, value } = await reader.read()
          deadlines.waitingSinceMs = undefined
          if (deadlines.isLate) throw new Error('late')
          deadlines.begin()
          if (!done) {
            reader.took(value.length)
            return controller.enqueue(value)
          }
          deadlines.end()
          controller.close()
        } catch (error) {
          deadlines.breakOff()
          controller.error(error)
        }
      },
      async cancel(reason) {
        deadlines.end()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
