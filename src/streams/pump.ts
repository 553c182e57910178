/** What a stream's bytes become on their way through. One stage serves one stream. */
export interface ByteStage {
  /** What to send on for the bytes of one read; empty to wait for more. Throws on bytes that make no sense. */
  next(bytes: Uint8Array): Uint8Array
  /** What to send last, when the upstream has ended (`cut` false) or died or made no sense (`cut` true). */
  end(cut: boolean): Uint8Array
}

/**
 * A stream through a stage, a read at a time and at most one read ahead of the reader. It always ends cleanly: how the
 * upstream ended is for the stage to say. Of the ways to touch every chunk, writing to an identity stream costs least
 * CPU; its price is that a departure is heard at the next write, so whoever fetched a silent upstream must abort that
 * fetch when the caller leaves. The stage is not asked for a last word then.
 */
export function pump(
  upstream: ReadableStream<Uint8Array>,
  stage: ByteStage,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream()
  const reader = upstream.getReader()
  carry(reader, writable.getWriter(), stage)
    // Only a write fails, for want of a reader.
    .catch((reason: unknown) => reader.cancel(reason))
    .catch(() => undefined)
  return readable
}

async function carry(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  stage: ByteStage,
): Promise<void> {
  let isCut = false
  for (;;) {
    const out = await nextOf(reader, stage)
    isCut = out === 'cut'
    if (typeof out === 'string') break
    if (out.length > 0) await writer.write(out)
  }
  const last = stage.end(isCut)
  if (last.length > 0) await writer.write(last)
  await writer.close()
}

async function nextOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  stage: ByteStage,
): Promise<Uint8Array | 'end' | 'cut'> {
  try {
    const { done, value } = await reader.read()
    return done ? 'end' : stage.next(value)
  } catch {
    // The upstream died, or sent what cannot be read: either way it is not heard any further.
    void reader.cancel().catch(() => undefined)
    return 'cut'
  }
}
