import { describe, expect, test } from 'vitest'
import { limitSilence } from '../../src/streams/silence.ts'
import { bytesOf, readAll, textOf, upstreamOf } from './byte-streams.ts'

const PATIENCE = { firstByteMs: 1000, idleMs: 100 }

/** A clock that goes on when it is told to, and rings for those who sleep. */
function newClock() {
  let nowMs = 0
  let sleepers: { readonly untilMs: number; readonly ring: () => void }[] = []
  const told: (number | 'broken')[] = []
  return {
    told,
    get sleepers() {
      return sleepers.length
    },
    watch: {
      nowMs: () => nowMs,
      sleep: (milliseconds: number) =>
        new Promise<void>((ring) => {
          sleepers.push({ untilMs: nowMs + milliseconds, ring })
        }),
      onSilent: (limitMs: number) => void told.push(limitMs),
      onBroken: () => void told.push('broken'),
    },
    async pass(milliseconds: number) {
      const endMs = nowMs + milliseconds
      for (;;) {
        const next = sleepers.toSorted((a, b) => a.untilMs - b.untilMs)[0]
        if (next === undefined || next.untilMs > endMs) break
        nowMs = next.untilMs
        sleepers = sleepers.filter((one) => one !== next)
        next.ring()
        // oxlint-disable-next-line no-await-in-loop -- whoever was woken may sleep again
        await settle()
      }
      nowMs = endMs
    },
  }
}

/** Everything that is ready happens. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** What comes of a read, as far as it has come to anything. */
function outcomeOf(read: Promise<unknown>): { value: unknown } {
  const outcome: { value: unknown } = { value: 'waiting' }
  read.then(
    (value) => void (outcome.value = value),
    (error: unknown) => void (outcome.value = error),
  )
  return outcome
}

const CHUNKS = ['a', 'é', 'c'].map(bytesOf)

describe('a stream whose silence is limited', () => {
  test('is byte for byte what the upstream sent', async () => {
    const clock = newClock()
    const stream = limitSilence(upstreamOf(CHUNKS).stream, PATIENCE, clock.watch)
    expect(textOf(await readAll(stream))).toBe('aéc')
    expect(clock.told).toEqual([])
  })

  test('waits for the first byte as long as it may, and no longer', async () => {
    const clock = newClock()
    const upstream = upstreamOf([], 'goes silent')
    const read = outcomeOf(limitSilence(upstream.stream, PATIENCE, clock.watch).getReader().read())
    await clock.pass(999)
    await settle()
    expect(read.value).toBe('waiting')
    await clock.pass(2)
    await settle()
    expect(read.value).toBeInstanceOf(Error)
    expect(clock.told).toEqual([1000])
    expect(upstream.cancelledFor).toBeDefined()
  })

  test('waits for the next byte as long as that may take', async () => {
    const clock = newClock()
    const upstream = upstreamOf(CHUNKS.slice(0, 1), 'goes silent')
    const reader = limitSilence(upstream.stream, PATIENCE, clock.watch).getReader()
    await reader.read()
    const read = outcomeOf(reader.read())
    await clock.pass(99)
    await settle()
    expect(read.value).toBe('waiting')
    await clock.pass(1)
    await settle()
    expect(read.value).toBeInstanceOf(Error)
    expect(clock.told).toEqual([100])
    expect(upstream.cancelledFor).toBeDefined()
  })

  test('is not held against an upstream whose reader takes its time', async () => {
    const clock = newClock()
    const stream = limitSilence(upstreamOf(CHUNKS).stream, PATIENCE, clock.watch)
    const reader = stream.getReader()
    const texts = []
    for (let at = 0; at < CHUNKS.length; at++) {
      const { value } = await reader.read()
      texts.push(textOf(value ?? bytesOf('')))
      await clock.pass(5000)
    }
    expect(texts).toEqual(['a', 'é', 'c'])
    expect((await reader.read()).done).toBe(true)
    expect(clock.told).toEqual([])
  })

  test('dies as its upstream dies, and tells so', async () => {
    const clock = newClock()
    const reader = limitSilence(
      upstreamOf(CHUNKS.slice(0, 1), 'dies').stream,
      PATIENCE,
      clock.watch,
    ).getReader()
    await reader.read()
    await expect(reader.read()).rejects.toThrow()
    expect(clock.told).toEqual(['broken'])
  })

  test('cancels the upstream when its reader leaves, and says nothing', async () => {
    const clock = newClock()
    const upstream = upstreamOf(CHUNKS, 'goes silent')
    const reader = limitSilence(upstream.stream, PATIENCE, clock.watch).getReader()
    await reader.read()
    await reader.cancel('gone')
    expect(upstream.cancelledFor).toEqual({ reason: 'gone' })
    await clock.pass(10_000)
    expect(clock.told).toEqual([])
  })

  test('has one timer at a time, and none when it is over', async () => {
    const clock = newClock()
    const many = Array.from({ length: 500 }, () => bytesOf('x'))
    const reader = limitSilence(upstreamOf(many).stream, PATIENCE, clock.watch).getReader()
    while (!(await reader.read()).done) expect(clock.sleepers).toBeLessThanOrEqual(1)
    await clock.pass(2000)
    expect(clock.sleepers).toBe(0)
  })

  test('takes no more from the upstream than is read', async () => {
    const upstream = upstreamOf(Array.from({ length: 1000 }, () => bytesOf('x')))
    const reader = limitSilence(upstream.stream, PATIENCE, newClock().watch).getReader()
    for (let read = 0; read < 5; read++) await reader.read()
    expect(upstream.pulls).toBeLessThan(10)
    await reader.cancel()
  })
})
