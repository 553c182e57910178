import type { Deadlines } from './deadlines.ts'
import { type GrowingReader, growingReader } from './growing-reader.ts'

/** What a stream's bytes become on their way through. One stage serves one stream. */
export interface ByteStage {
  /** Whether the answer was whole, or has failed, with what was sent last: nothing that comes behind it matters. */
  readonly isOver?: boolean
  /** What to send on for the bytes of one read; empty to wait for more. Throws on bytes that make no sense. */
  next(bytes: Uint8Array): Uint8Array
  /** What to send last, when the upstream has ended (`cut` false) or died or made no sense (`cut` true). */
  end(cut: boolean): Uint8Array
  /** Told that the reader has left. */
  left?(): void
}

/**
 * A stream through a stage, a read at a time and at most one read ahead of the reader; given as soon as there is
 * something to send, so that what goes wrong before that can still be told in another way than in a stream. It always ends
 * cleanly: how the upstream ended is for the stage to say. Of the ways to touch every chunk, writing to an identity stream
 * costs least CPU; its price is that a departure is heard at the next write, so whoever fetched a silent upstream must
 * abort that fetch when the caller leaves. The stage is not asked for a last word then. An upstream that is too late counts
 * as dead; only the time counts in which its bytes are waited for. One that says the last word and stays open is let go.
 */
export async function pump(
  upstream: ReadableStream<Uint8Array>,
  stage: ByteStage,
  deadlines?: Deadlines,
): Promise<ReadableStream<Uint8Array>> {
  const source = new Source(upstream, stage, deadlines)
  let first = await source.next()
  while (typeof first !== 'string' && first.length === 0) first = await source.next()
  deadlines?.begin()
  const { readable, writable } = new IdentityTransformStream()
  carry(source, writable.getWriter(), first)
    // Only a write fails, for want of a reader.
    .catch((reason: unknown) => {
      source.end()
      stage.left?.()
      return source.cancel(reason)
    })
    .catch(() => undefined)
  return readable
}

type Piece = Uint8Array | 'end' | 'cut'

/** A stream that is read, and what becomes of its bytes. */
export class Source {
  readonly stage: ByteStage
  readonly #reader: GrowingReader
  readonly #deadlines: Deadlines | undefined

  constructor(
    upstream: ReadableStream<Uint8Array>,
    stage: ByteStage,
    deadlines: Deadlines | undefined,
  ) {
    this.stage = stage
    this.#reader = growingReader(upstream)
    this.#deadlines = deadlines
    if (deadlines !== undefined) deadlines.stopReading = () => void this.#cutOff()
  }

  /** The stage's output for one read; or how the upstream ended. */
  async next(): Promise<Piece> {
    try {
      return this.taken(await this.read())
    } catch {
      return this.broken()
    }
  }

  read(): Promise<Read> {
    const deadlines = this.#deadlines
    if (deadlines !== undefined) deadlines.waitingSinceMs = deadlines.nowMs()
    return this.#reader.read()
  }

  /** What becomes of one read. */
  taken(read: Read): Piece {
    const deadlines = this.#deadlines
    if (deadlines !== undefined) deadlines.waitingSinceMs = undefined
    if (read.done) return deadlines?.isLate === true ? 'cut' : 'end'
    this.#reader.took(read.value.length)
    try {
      const out = this.stage.next(read.value)
      if (this.stage.isOver === true) deadlines?.linger()
      return out
    } catch {
      return this.#cutOff()
    }
  }

  /** For a read that failed. */
  broken(): 'cut' {
    this.#deadlines?.breakOff()
    return this.#cutOff()
  }

  /** Nothing is waited for any more. */
  end(): void {
    this.#deadlines?.end()
  }

  cancel(reason?: unknown): Promise<void> {
    return this.#reader.cancel(reason)
  }

  /** The upstream died, or sent what cannot be read: either way it is not heard any further. */
  #cutOff(): 'cut' {
    void this.#reader.cancel().catch(() => undefined)
    return 'cut'
  }
}

type Read = ReadableStreamReadResult<Uint8Array>

async function carry(
  source: Source,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  first: Piece,
): Promise<void> {
  let out = first
  while (typeof out !== 'string') {
    if (out.length > 0) await writer.write(out)
    // Not by `next`: what runs for each read does without a promise of its own.
    try {
      out = source.taken(await source.read())
    } catch {
      out = source.broken()
    }
  }
  source.end()
  // Called before anything is awaited where nothing came at all: the caller of `pump` may then ask the stage about it.
  const last = source.stage.end(out === 'cut')
  if (last.length > 0) await writer.write(last)
  await writer.close()
}
