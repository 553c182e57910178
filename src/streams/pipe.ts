/**
 * A stream handed on without JavaScript seeing its bytes, which would cost several times the CPU, and yet truthful:
 * when the upstream dies, `failure` is written behind what had arrived, and the stream ends.
 * When the reader leaves, the upstream is cancelled at once; for that the pipe must not be given to `waitUntil`, which
 * would keep it alive until the upstream's next byte.
 */
export function pipeWithFailure(
  upstream: ReadableStream<Uint8Array>,
  failure: () => Uint8Array,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream()
  upstream
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
  return readable
}
