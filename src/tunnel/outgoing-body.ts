import type { HeldMemory } from './answer-body.ts'
import { MAX_WINDOW_BYTES } from './limits.ts'

/**
 * A caller's body on its way to a connector. What was read can be read again until `settle`, so that a call which a
 * connector did not accept can go to another one.
 */
export interface OutgoingBody {
  /**
   * At least one byte and at most `maxBytes`, or undefined at the end, and where a rewind came in between. Rejects when the
   * caller's body breaks off.
   */
  read(maxBytes: number): Promise<Uint8Array | undefined>
  /** Whether it can still be read from its beginning. */
  readonly canRewind: boolean
  rewind(): void
  /** Lets go of what was read: it will not be sent again. */
  settle(): void
  /** Nobody will read the rest. */
  cancel(): void
}

/** What is kept counts as held in `memory`. */
export function outgoingBody(
  source: ReadableStream<Uint8Array>,
  memory: Pick<HeldMemory, 'heldBytes'>,
): OutgoingBody {
  const reader = source.getReader({ mode: 'byob' })
  const chunks: Uint8Array[] = []
  let index = 0
  let offset = 0
  let rewinds = 0
  let readBytes = 0
  let isSettled = false
  let isEnded = false
  let filling: Promise<void> | undefined

  const fill = async (maxBytes: number): Promise<void> => {
    const { done, value } = await reader.read(new Uint8Array(maxBytes))
    if (value !== undefined && value.length > 0 && !isEnded) {
      // A small piece would keep all of the memory that it was read into.
      chunks.push(value.length < maxBytes / 2 ? value.slice() : value)
      readBytes += value.length
      memory.heldBytes += value.length
    }
    isEnded ||= done
    filling = undefined
  }

  const drop = (count: number): void => {
    for (const { length } of chunks.splice(0, count)) memory.heldBytes -= length
    index = 0
  }

  const settle = (): void => {
    isSettled = true
    drop(index)
  }

  const next = (maxBytes: number): Uint8Array | undefined => {
    const chunk = chunks[index]
    if (chunk === undefined) return undefined
    const bytes = chunk.subarray(offset, offset + maxBytes)
    offset += bytes.length
    if (offset === chunk.length) {
      offset = 0
      index += 1
      // A connector that takes so much has accepted the call, whether it says so or not.
      if (isSettled || readBytes > MAX_WINDOW_BYTES) settle()
    }
    return bytes
  }

  return {
    async read(maxBytes) {
      const attempt = rewinds
      for (;;) {
        const bytes = next(maxBytes)
        if (bytes !== undefined || isEnded) return bytes
        // A reading that an earlier attempt began is this one's, too, and what comes of it is this one's alone.
        filling ??= fill(maxBytes)
        await filling
        if (attempt !== rewinds) return undefined
      }
    },
    get canRewind() {
      return !isSettled
    },
    rewind() {
      rewinds += 1
      index = 0
      offset = 0
    },
    settle,
    cancel() {
      isEnded = true
      drop(chunks.length)
      void reader.cancel().catch(() => undefined)
    },
  }
}
