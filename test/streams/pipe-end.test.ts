import { expect, test } from 'vitest'
import { type PipeEnd, pipeWithFailure } from '../../src/streams/pipe.ts'
import { pump } from '../../src/streams/pump.ts'
import { bytesOf, readAll, upstreamOf } from './byte-streams.ts'

const CHUNKS = ['a', 'b'].map(bytesOf)
const failure = () => bytesOf('[cut]')

test.each([
  ['whole', undefined],
  ['cut', 'dies'],
] as const)('a pipe says that it ended %s', async (how, ending) => {
  const ends: PipeEnd[] = []
  const upstream = ending === undefined ? upstreamOf(CHUNKS) : upstreamOf(CHUNKS, ending)
  await readAll(pipeWithFailure(upstream.stream, failure, (end) => ends.push(end)))
  expect(ends).toEqual([how])
})

test('a pipe says that its reader has left', async () => {
  const ends: PipeEnd[] = []
  const upstream = upstreamOf(Array.from({ length: 1000 }, () => bytesOf('x'.repeat(1000))))
  const reader = pipeWithFailure(upstream.stream, failure, (end) => ends.push(end)).getReader()
  await reader.read()
  await reader.cancel('gone')
  await expect.poll(() => ends).toEqual(['left'])
})

test('a pump tells its stage that its reader has left', async () => {
  let departures = 0
  const upstream = upstreamOf(Array.from({ length: 1000 }, () => bytesOf('x'.repeat(1000))))
  const stream = await pump(upstream.stream, {
    next: (bytes) => bytes,
    end: () => new Uint8Array(0),
    left: () => void departures++,
  })
  const reader = stream.getReader()
  await reader.read()
  await reader.cancel('gone')
  await expect.poll(() => departures).toBe(1)
})
