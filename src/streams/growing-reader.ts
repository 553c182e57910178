/** Takes a stream's bytes. */
export interface GrowingReader {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  /** Told how much the last read gave, before the next one. */
  took(length: number): void
  cancel(reason?: unknown): Promise<void>
}

/** As much as the runtime's own reader takes at a time, however much there is. */
const SMALL_BYTES = 4 * 1024
/** What a stream that fell silent behind much keeps in memory. */
const LARGE_BYTES = 16 * 1024

/**
 * Reads as the runtime does while little comes at a time, which then costs least, and in large pieces while reads are
 * filled, which costs large answers a part of the CPU.
 */
export function growingReader(
  upstream: ReadableStream<Uint8Array>,
  largeBytes = LARGE_BYTES,
): GrowingReader {
  let small: ReadableStreamDefaultReader<Uint8Array> | undefined = upstream.getReader()
  let large: ReadableStreamBYOBReader | undefined
  let isGrowable = true
  const grow = (): void => {
    small?.releaseLock()
    small = undefined
    try {
      large = upstream.getReader({ mode: 'byob' })
    } catch {
      // A stream that is made in JavaScript has pieces of its own.
      isGrowable = false
      small = upstream.getReader()
    }
  }
  const shrink = (): void => {
    large?.releaseLock()
    large = undefined
    small = upstream.getReader()
  }
  return {
    read() {
      if (large !== undefined) return large.read(new Uint8Array(largeBytes))
      if (small !== undefined) return small.read()
      throw new Error('A stream that nobody reads.')
    },
    took(length) {
      if (large === undefined && isGrowable && length === SMALL_BYTES) grow()
      else if (large !== undefined && length < SMALL_BYTES) shrink()
    },
    async cancel(reason) {
      await (small ?? large)?.cancel(reason)
    },
  }
}
