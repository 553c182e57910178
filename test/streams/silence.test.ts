import { describe, expect, test } from 'vitest'
import { startDeadlines } from '../../src/streams/deadlines.ts'
import { limitSilence } from '../../src/streams/silence.ts'
import { bytesOf, readAll, textOf, upstreamOf } from './byte-streams.ts'
import { newClock, outcomeOf } from './clock.ts'

const PATIENCE = { firstByteMs: 1000, idleMs: 100, totalMs: Infinity }
const CHUNKS = ['a', 'é', 'c'].map(bytesOf)

/** A stream that is limited, and what is told of it. */
function limited(upstream: ReadableStream<Uint8Array>) {
  const clock = newClock()
  const told: unknown[] = []
  const deadlines = startDeadlines(PATIENCE, clock, {
    late: (lateness) => told.push(lateness),
    broken: () => told.push('broken'),
  })
  return { clock, told, stream: limitSilence(upstream, deadlines) }
}

describe('a stream whose silence is limited', () => {
  test('is byte for byte what the upstream sent', async () => {
    const { stream, told, clock } = limited(upstreamOf(CHUNKS).stream)
    expect(textOf(await readAll(stream))).toBe('aéc')
    expect(told).toEqual([])
    expect(clock.timers).toBe(0)
  })

  test('waits for the first byte as long as it may, and no longer', async () => {
    const upstream = upstreamOf([], 'goes silent')
    const { stream, told, clock } = limited(upstream.stream)
    const read = outcomeOf(stream.getReader().read())
    await clock.pass(999)
    expect(read.value).toBe('waiting')
    await clock.pass(1)
    expect(read.value).toBeInstanceOf(Error)
    expect(told).toEqual([{ kind: 'silent', limitMs: 1000 }])
    expect(upstream.cancelledFor).toBeDefined()
  })

  test('waits for the next byte as long as that may take', async () => {
    const upstream = upstreamOf(CHUNKS.slice(0, 1), 'goes silent')
    const { stream, told, clock } = limited(upstream.stream)
    const reader = stream.getReader()
    await reader.read()
    const read = outcomeOf(reader.read())
    await clock.pass(99)
    expect(read.value).toBe('waiting')
    await clock.pass(1)
    expect(read.value).toBeInstanceOf(Error)
    expect(told).toEqual([{ kind: 'silent', limitMs: 100 }])
    expect(upstream.cancelledFor).toBeDefined()
  })

  test('is not held against an upstream whose reader takes its time', async () => {
    const { stream, told, clock } = limited(upstreamOf(CHUNKS).stream)
    const reader = stream.getReader()
    const texts = []
    for (let at = 0; at < CHUNKS.length; at++) {
      const { value } = await reader.read()
      texts.push(textOf(value ?? bytesOf('')))
      await clock.pass(500)
    }
    expect(texts).toEqual(['a', 'é', 'c'])
    expect((await reader.read()).done).toBe(true)
    expect(told).toEqual([])
  })

  test('dies as its upstream dies, and tells so', async () => {
    const { stream, told, clock } = limited(upstreamOf(CHUNKS.slice(0, 1), 'dies').stream)
    const reader = stream.getReader()
    await reader.read()
    await expect(reader.read()).rejects.toThrow()
    expect(told).toEqual(['broken'])
    expect(clock.timers).toBe(0)
  })

  test('cancels the upstream when its reader leaves, and says nothing', async () => {
    const upstream = upstreamOf(CHUNKS, 'goes silent')
    const { stream, told, clock } = limited(upstream.stream)
    const reader = stream.getReader()
    await reader.read()
    await reader.cancel('gone')
    expect(upstream.cancelledFor).toEqual({ reason: 'gone' })
    expect(clock.timers).toBe(0)
    await clock.pass(2000)
    expect(told).toEqual([])
  })

  test('takes no more from the upstream than is read', async () => {
    const upstream = upstreamOf(Array.from({ length: 1000 }, () => bytesOf('x')))
    const reader = limited(upstream.stream).stream.getReader()
    for (let read = 0; read < 5; read++) await reader.read()
    expect(upstream.pulls).toBeLessThan(10)
    await reader.cancel()
  })
})
