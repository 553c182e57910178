/**
 * A stream handed on without JavaScript seeing its bytes, which would cost several times the CPU, and yet truthful:
 * when the upstream dies, `failure` is written behind what had arrived, and the stream ends.
 * When the reader leaves, the upstream is cancelled at once.
 * @returns the stream to answer with, and a promise that settles when it is over; it never rejects.
 */
export function pipeWithFailure(
  upstream: ReadableStream<Uint8Array>,
  failure: () => Uint8Array,
): { readonly stream: ReadableStream<Uint8Array>; readonly over: Promise<void> } {
  const { readable, writable } = new IdentityTransformStream()
  const over = upstream
    .pipeTo(writable, { preventClose: true, preventAbort: true })
    .then(
      () => writable.close(),
      async () => {
        // Either the upstream died or the reader left; only the first leaves anyone to write to.
        const writer = writable.getWriter()
        await writer.write(failure())
        await writer.close()
      },
    )
    .catch(() => undefined)
  return { stream: readable, over }
}
