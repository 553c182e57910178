import type { ByteStage } from '../../src/streams/pump.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const bytesOf = (text: string): Uint8Array => encoder.encode(text)
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes)

export function join(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    joined.set(chunk, at)
    at += chunk.length
  }
  return joined
}

/** Whole, byte by byte, and in two at every byte. */
export function* splitsOf(bytes: Uint8Array): Generator<readonly Uint8Array[]> {
  yield [bytes]
  yield Array.from(bytes, (_, at) => bytes.slice(at, at + 1))
  for (let at = 1; at < bytes.length; at++) yield [bytes.slice(0, at), bytes.slice(at)]
}

/** What comes out of a stage for these reads; `cut` where the upstream died behind them. */
export function through(stage: ByteStage, reads: readonly Uint8Array[], cut = false): Uint8Array {
  const out: Uint8Array[] = []
  try {
    for (const bytes of reads) out.push(stage.next(bytes).slice())
  } catch {
    out.push(stage.end(true))
    return join(out)
  }
  out.push(stage.end(cut))
  return join(out)
}

export interface Upstream {
  readonly stream: ReadableStream<Uint8Array>
  /** How many chunks were asked for. */
  pulls: number
  /** Why the reader left; undefined while it has not. */
  cancelledFor: { readonly reason: unknown } | undefined
}

/** An upstream that gives a chunk when it is asked for one, and then ends, dies or goes silent. */
export function upstreamOf(
  chunks: readonly Uint8Array[],
  ending: 'ends' | 'dies' | 'goes silent' = 'ends',
): Upstream {
  const left = chunks.values()
  const upstream: Upstream = {
    pulls: 0,
    cancelledFor: undefined,
    stream: new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const next = left.next()
          if (!next.done) {
            upstream.pulls++
            return controller.enqueue(next.value)
          }
          if (ending === 'ends') return controller.close()
          if (ending === 'dies') return controller.error(new Error('connection reset'))
          return new Promise<void>(() => undefined)
        },
        cancel(reason) {
          upstream.cancelledFor = { reason }
        },
      },
      { highWaterMark: 0 },
    ),
  }
  return upstream
}

/** Everything that a stream gives until it ends. Throws when it does not end well. */
export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk.slice())
  return join(chunks)
}
