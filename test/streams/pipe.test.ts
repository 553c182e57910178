import { describe, expect, test } from 'vitest'
import { pipeWithFailure } from '../../src/streams/pipe.ts'
import { bytesOf, readAll, textOf, upstreamOf } from './byte-streams.ts'

const CHUNKS = ['a', 'é', 'c'].map(bytesOf)
const failure = () => bytesOf('[cut]')

describe('a piped stream', () => {
  test('is byte for byte what the upstream sent', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 251)
    const chunks = [bytes.slice(0, 1), bytes.slice(1, 40_000), bytes.slice(40_000)]
    expect(await readAll(pipeWithFailure(upstreamOf(chunks).stream, failure))).toEqual(bytes)
  })

  test('of nothing is nothing', async () => {
    expect(await readAll(pipeWithFailure(upstreamOf([]).stream, failure))).toHaveLength(0)
  })

  test('ends in the failure when the upstream dies', async () => {
    const stream = pipeWithFailure(upstreamOf(CHUNKS, 'dies').stream, failure)
    expect(textOf(await readAll(stream))).toBe('aéc[cut]')
  })

  test('is the failure when the upstream dies at once', async () => {
    expect(textOf(await readAll(pipeWithFailure(upstreamOf([], 'dies').stream, failure)))).toBe(
      '[cut]',
    )
  })

  test('makes no failure when the upstream ends', async () => {
    let made = 0
    const counted = () => {
      made++
      return failure()
    }
    await readAll(pipeWithFailure(upstreamOf(CHUNKS).stream, counted))
    expect(made).toBe(0)
  })

  test('cancels the upstream when its reader leaves', async () => {
    const upstream = upstreamOf(Array.from({ length: 1000 }, () => bytesOf('x'.repeat(1000))))
    const reader = pipeWithFailure(upstream.stream, failure).getReader()
    await reader.read()
    await reader.cancel('gone')
    await expect.poll(() => upstream.cancelledFor).toBeDefined()
    expect(upstream.pulls).toBeLessThan(10)
  })

  test('takes no more from the upstream than its reader makes room for', async () => {
    const upstream = upstreamOf(Array.from({ length: 1000 }, () => bytesOf('x'.repeat(1000))))
    const reader = pipeWithFailure(upstream.stream, failure).getReader()
    for (let read = 0; read < 5; read++) await reader.read()
    expect(upstream.pulls).toBeLessThan(10)
    await reader.cancel()
  })
})
