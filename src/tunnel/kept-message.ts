import type { Frame } from './frames.ts'

/** Of a message that may be kept, bytes for a reader are one part in so many at least. */
const WASTE = 2

/**
 * Whether a message may be kept as it is until its bytes are read: one reader takes them in order, so little is kept of what
 * was read. Otherwise a few bytes for each of many slow readers could keep as many large messages, and are to be copied.
 */
export function mayKeepMessage(frames: readonly Frame[], messageBytes: number): boolean {
  let stream: number | undefined
  let dataBytes = 0
  for (const frame of frames) {
    if (frame.type !== 'data') continue
    stream ??= frame.stream
    if (frame.stream !== stream) return false
    dataBytes += frame.bytes.length
  }
  return dataBytes * WASTE >= messageBytes
}
