/**
 * Memory for messages that is used again once they were sent: memory that is new for each of them would have to be cleared,
 * and collected, as often as a stream fills it.
 */
export interface MessageMemory {
  readonly take: (length: number) => Buffer
  readonly giveBack: (message: Buffer) => void
}

/** Shorter messages come from Node's own pool. */
const SMALL_BYTES = 4 * 1024

/** Blocks beyond so many are left to be collected. */
const MAX_SPARE = 4

export function messageMemory(blockBytes: number): MessageMemory {
  const spare: Buffer[] = []
  return {
    take(length) {
      if (length <= SMALL_BYTES || length > blockBytes) return Buffer.allocUnsafe(length)
      return (spare.pop() ?? Buffer.allocUnsafeSlow(blockBytes)).subarray(0, length)
    },
    giveBack({ buffer }) {
      const isBlock = buffer.byteLength === blockBytes && buffer instanceof ArrayBuffer
      if (isBlock && spare.length < MAX_SPARE) spare.push(Buffer.from(buffer))
    },
  }
}
