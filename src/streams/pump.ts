/** What a stream's bytes become on their way through. One stage serves one stream. */
export interface ByteStage {
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
 * abort that fetch when the caller leaves. The stage is not asked for a last word then.
 */
export async function pump(
  upstream: ReadableStream<Uint8Array>,
  stage: ByteStage,
): Promise<ReadableStream<Uint8Array>> {
  const reader = upstream.getReader()
  let first: Piece
  do first = await nextOf(reader, stage)
  while (typeof first !== 'string' && first.length === 0)
  const { readable, writable } = new IdentityTransformStream()
  carry(reader, writable.getWriter(), stage, first)
    // Only a write fails, for want of a reader.
    .catch((reason: unknown) => {
      stage.left?.()
      return reader.cancel(reason)
    })
    .catch(() => undefined)
  return readable
}

type Piece = Uint8Array | 'end' | 'cut'

async function carry(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  stage: ByteStage,
  first: Piece,
): Promise<void> {
  let out = first
  while (typeof out !== 'string') {
    if (out.length > 0) await writer.write(out)
    out = await nextOf(reader, stage)
  }
  // Called before anything is awaited where nothing came at all: the caller of `pump` may then ask the stage about it.
  const last = stage.end(out === 'cut')
  if (last.length > 0) await writer.write(last)
  await writer.close()
}

/** The stage's output for one read; or how the upstream ended. */
export async function nextOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  stage: ByteStage,
): Promise<Piece> {
  try {
    const { done, value } = await reader.read()
    return done ? 'end' : stage.next(value)
  } catch {
    // The upstream died, or sent what cannot be read: either way it is not heard any further.
    void reader.cancel().catch(() => undefined)
    return 'cut'
  }
}
