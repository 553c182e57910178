import { describe, expect, test } from 'vitest'
import { growingReader } from '../../src/streams/growing-reader.ts'

const PATTERN = Uint8Array.from({ length: 300_007 }, (_, at) => (at * 7 + (at >> 8)) % 251)

/** Every piece that it reads. */
async function piecesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const reader = growingReader(stream)
  const pieces = []
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return pieces
    reader.took(value.length)
    pieces.push(value)
  }
}

async function joined(pieces: readonly Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await new Blob([...pieces]).arrayBuffer())
}

describe('a stream of the runtime', () => {
  test('of much is read in few large pieces, byte for byte', async () => {
    const { readable, writable } = new IdentityTransformStream()
    const writer = writable.getWriter()
    void writer.write(PATTERN).then(() => writer.close())
    const pieces = await piecesOf(readable)
    expect(pieces.length).toBeLessThan(25)
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(16_384)
    expect(await joined(pieces)).toEqual(PATTERN)
  })

  test('of little is read as it comes, into little', async () => {
    const { readable, writable } = new IdentityTransformStream()
    const writer = writable.getWriter()
    const reader = growingReader(readable)
    const sizes: (number | undefined)[] = []
    // The first piece asks for large reads, the second for small ones again.
    for (const length of [4096, 10, 20, 30]) {
      const reading = reader.read()
      await writer.write(PATTERN.subarray(0, length))
      const { value } = await reading
      expect(value).toEqual(PATTERN.subarray(0, length))
      sizes.push(value?.buffer.byteLength)
      reader.took(length)
    }
    expect(sizes[1]).toBe(16_384)
    expect(Math.max(...sizes.slice(2).map(Number))).toBeLessThan(16_384)
    void writer.close()
    expect((await reader.read()).done).toBe(true)
  })

  test('that breaks off fails the read; a reader that leaves is heard', async () => {
    const broken = new IdentityTransformStream()
    void broken.writable.abort(new Error('gone')).catch(() => undefined)
    await expect(growingReader(broken.readable).read()).rejects.toThrow('gone')
    const left = new IdentityTransformStream()
    const writer = left.writable.getWriter()
    await growingReader(left.readable).cancel()
    await expect(writer.write(PATTERN)).rejects.toBeDefined()
  })
})

test('a stream that is made in JavaScript is read in its own pieces', async () => {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const length of [1, 4096, 5000, 2]) controller.enqueue(PATTERN.subarray(0, length))
      controller.close()
    },
  })
  expect((await piecesOf(stream)).map(({ length }) => length)).toEqual([1, 4096, 5000, 2])
})
