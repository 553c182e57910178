/** Takes a stream's bytes. */
export interface BytesReader {
  read(): Promise<ReadableStreamReadResult<Uint8Array>>
  cancel(reason?: unknown): Promise<void>
}

/** As much as the runtime's own reader takes, and enough for events. */
const SMALL_BYTES = 4 * 1024
const LARGE_BYTES = 64 * 1024

/**
 * Reads in small pieces while little comes at a time, and in large ones while reads are filled. The runtime's own reader
 * takes 4 KiB at a time however much there is, which for large answers costs several times the CPU.
 */
export function growingReader(upstream: ReadableStream<Uint8Array>): BytesReader {
  const reader = byobReader(upstream)
  // A stream that is made in JavaScript has pieces of its own.
  if (reader === undefined) return upstream.getReader()
  let size = SMALL_BYTES
  return {
    async read() {
      const { done, value } = await reader.read(new Uint8Array(size))
      if (done) return { done }
      if (value.length === size) size = LARGE_BYTES
      else if (value.length < SMALL_BYTES) size = SMALL_BYTES
      return { done, value }
    },
    cancel: (reason) => reader.cancel(reason),
  }
}

function byobReader(upstream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return upstream.getReader({ mode: 'byob' })
  } catch {
    return undefined
  }
}
