/** More of an answer than this is nobody's. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * A stream made of a whole text: nothing comes until all of it has, which is only then asked for. Fails where the text
 * breaks off, is too long, or `make` throws.
 */
export function streamOfText(
  body: ReadableStream<Uint8Array>,
  make: (text: string) => string,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const readAll = async (): Promise<string> => {
    const decoder = new TextDecoder()
    let text = ''
    for (let length = 0; ;) {
      const { done, value } = await reader.read()
      if (done) return text + decoder.decode()
      length += value.length
      if (length > MAX_BYTES) throw new Error('answer too large')
      text += decoder.decode(value, { stream: true })
    }
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          controller.enqueue(new TextEncoder().encode(make(await readAll())))
          controller.close()
        } catch (error) {
          void reader.cancel().catch(() => undefined)
          controller.error(error)
        }
      },
      async cancel(reason) {
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
