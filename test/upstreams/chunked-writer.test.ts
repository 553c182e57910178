import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { writeFrames } from './chunked-writer.ts'
import { seededRandom } from './random.ts'

const events = Array.from({ length: 40 }, (_, index) => `data: ${index} 東京 🗝️\n\n`)
const frames = events.map((text) => ({ bytes: Buffer.from(text), isDelta: true }))

/** Sizes of the chunks that a writer with this seed sends, and the bytes in them. */
async function chunksWith(seed: number): Promise<{ sizes: number[]; text: string }> {
  const server = createServer((_, response) => {
    const left = new AbortController().signal
    void writeFrames({ response, left, random: seededRandom(seed) }, frames, 0).then(() =>
      response.end(),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  const received: Uint8Array[] = []
  for await (const chunk of socket as AsyncIterable<Uint8Array>) received.push(chunk)
  server.close()
  return dechunk(Buffer.concat(received))
}

/** Undoes HTTP's chunked coding, which keeps the borders between writes. */
function dechunk(wire: Buffer): { sizes: number[]; text: string } {
  let at = wire.indexOf('\r\n\r\n') + 4
  const sizes: number[] = []
  const parts: Buffer[] = []
  for (;;) {
    const lineEnd = wire.indexOf('\r\n', at)
    const size = Number.parseInt(wire.toString('latin1', at, lineEnd), 16)
    if (!(size > 0)) break
    sizes.push(size)
    parts.push(wire.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
  return { sizes, text: Buffer.concat(parts).toString() }
}

test('every byte arrives, in order, in chunks that respect no border', async () => {
  const { sizes, text } = await chunksWith(7)
  expect(text).toBe(events.join(''))
  const size = Buffer.byteLength(events[0] ?? '')
  expect(sizes.some((one) => one < size)).toBe(true)
  expect(sizes.some((one) => one > 2 * size)).toBe(true)
  const borders = new Set(sizes.map((_, index) => sum(sizes.slice(0, index + 1))))
  const bytes = Buffer.from(text)
  const cuts = [...borders]
  expect(cuts.some((at) => ((bytes[at] ?? 0) & 0xc0) === 0x80)).toBe(true)
  expect(cuts.some((at) => bytes.toString('latin1', at - 1, at + 1) === '\n\n')).toBe(true)
})

test('the same seed cuts in the same places, another in others', async () => {
  const { sizes } = await chunksWith(1)
  expect((await chunksWith(1)).sizes).toEqual(sizes)
  expect((await chunksWith(2)).sizes).not.toEqual(sizes)
})

const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0)
