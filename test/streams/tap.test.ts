import { expect, test } from 'vitest'
import { tap } from '../../src/streams/tap.ts'
import { bytesOf, readAll, textOf, upstreamOf } from './byte-streams.ts'

const CHUNKS = ['a', 'b', 'c'].map(bytesOf)

function listened(stream: ReadableStream<Uint8Array>, throwsAt = '') {
  const heard: string[] = []
  const tapped = tap(stream, {
    hear(bytes) {
      if (textOf(bytes) === throwsAt) throw new Error('no')
      heard.push(textOf(bytes))
    },
    ended: (how) => heard.push(how),
  })
  return { heard, tapped }
}

test('a listener hears all of a stream, which stays as it is', async () => {
  const { heard, tapped } = listened(upstreamOf(CHUNKS).stream)
  expect(textOf(await readAll(tapped))).toBe('abc')
  expect(heard).toEqual(['a', 'b', 'c', 'whole'])
})

test('a stream that breaks breaks', async () => {
  const { heard, tapped } = listened(upstreamOf(CHUNKS, 'dies').stream)
  await expect(readAll(tapped)).rejects.toThrow()
  expect(heard.at(-1)).toBe('cut')
})

test('a listener that fails hears no more, and the stream goes on', async () => {
  const { heard, tapped } = listened(upstreamOf(CHUNKS).stream, 'b')
  expect(textOf(await readAll(tapped))).toBe('abc')
  expect(heard).toEqual(['a', 'whole'])
})

test('a reader who leaves lets the upstream go', async () => {
  const upstream = upstreamOf(Array.from({ length: 100 }, () => bytesOf('x')))
  const { heard, tapped } = listened(upstream.stream)
  const reader = tapped.getReader()
  await reader.read()
  await reader.cancel('gone')
  expect(heard.at(-1)).toBe('left')
  await expect.poll(() => upstream.cancelledFor).toBeDefined()
})
