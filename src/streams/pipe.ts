/**
 * A stream handed on without JavaScript seeing its bytes, which would cost several times the CPU, and yet truthful:
 * when the upstream dies, `failure` is written behind what had arrived, and the stream ends.
 * When the reader leaves, the upstream is cancelled at once; for that the pipe must not be given to `waitUntil`, which
 * would keep it alive until the upstream's next byte. `ended` is told how it went; the first time counts.
 */
export function pipeWithFailure(
  upstream: ReadableStream<Uint8Array>,
  failure: () => Uint8Array,
  ended: (how: PipeEnd) => void = () => undefined,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream()
  upstream
    .pipeTo(writable, { preventClose: true, preventAbort: true })
    .then(
      () => {
        ended('whole')
        return writable.close()
      },
      async () => {
        // Either the upstream died or the reader left; only the first leaves anyone to write to.
        const writer = writable.getWriter()
        await writer.write(failure())
        ended('cut')
        await writer.close()
      },
    )
    .catch(() => ended('left'))
  return readable
}

/** How a pipe came to its end: the upstream's, whole or in the middle, or the reader's. */
export type PipeEnd = 'whole' | 'cut' | 'left'
