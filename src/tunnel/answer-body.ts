import type { WindowPool } from './credit.ts'

/** The bytes that all calls of an object hold: answers that were not read yet, and requests that may be sent again. */
export interface HeldMemory extends WindowPool {
  heldBytes: number
}

/** An answer's body on its way to the caller. What it holds is bounded by the credit that its bytes came on. */
export interface AnswerBody {
  readonly readable: ReadableStream<Uint8Array>
  /** Takes bytes that are a view into a message; `mayKeep` says that they may keep all of it in memory until they are read. */
  write(bytes: Uint8Array, mayKeep: boolean): void
  /** It ends behind the bytes that are still to be read. */
  close(): void
  /** It breaks off: the reader gets an error, never an end. */
  breakOff(reason: string): void
}

export interface AnswerReader {
  /** The reader took bytes. */
  took(bytes: number): void
  /** The reader does not want any more. */
  left(): void
}

/** How long bytes that have arrived may take to reach the reader before it is told that no more will come. */
const LAST_BYTES_MS = 1000

export function answerBody(memory: HeldMemory, reader: AnswerReader): AnswerBody {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  let lastWrite = Promise.resolve()
  return {
    readable,
    write(bytes, mayKeep) {
      const { length } = bytes
      if (length === 0) return
      memory.heldBytes += length
      const taken = (): void => {
        memory.heldBytes -= length
        reader.took(length)
      }
      const left = (): void => {
        memory.heldBytes -= length
        reader.left()
      }
      lastWrite = writer.write(mayKeep ? bytes : bytes.slice()).then(taken, left)
    },
    close() {
      writer.close().catch(() => undefined)
    },
    breakOff(reason) {
      const abort = (): Promise<void> => writer.abort(new Error(reason))
      Promise.race([lastWrite, sleep(LAST_BYTES_MS)])
        .then(abort, abort)
        .catch(() => undefined)
    },
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
