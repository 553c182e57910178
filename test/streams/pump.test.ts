import { describe, expect, test } from 'vitest'
import { type ByteStage, pump } from '../../src/streams/pump.ts'
import { bytesOf, readAll, textOf, type Upstream, upstreamOf } from './byte-streams.ts'

const CHUNKS = ['a', 'b', 'c'].map(bytesOf)

/** Lets bytes through but for `skip`, stumbles over `bad`, and says how it ended. */
function stage(): ByteStage & { readonly ends: boolean[] } {
  const ends: boolean[] = []
  return {
    ends,
    next(bytes) {
      if (textOf(bytes) === 'bad') throw new Error('makes no sense')
      return textOf(bytes) === 'skip' ? new Uint8Array(0) : bytes
    },
    end(cut) {
      ends.push(cut)
      return bytesOf(cut ? '[cut]' : '[end]')
    },
  }
}

async function pumped(upstream: Upstream): Promise<{ text: string; ends: boolean[] }> {
  const through = stage()
  const text = textOf(await readAll(await pump(upstream.stream, through)))
  return { text, ends: through.ends }
}

describe('a pumped stream ends cleanly, in what its stage says', () => {
  test('when the upstream ends', async () => {
    expect(await pumped(upstreamOf(CHUNKS))).toEqual({ text: 'abc[end]', ends: [false] })
  })

  test('when the upstream is empty', async () => {
    expect(await pumped(upstreamOf([]))).toEqual({ text: '[end]', ends: [false] })
  })

  test('when the upstream dies', async () => {
    expect(await pumped(upstreamOf(CHUNKS, 'dies'))).toEqual({ text: 'abc[cut]', ends: [true] })
  })

  test('when the upstream dies at once', async () => {
    expect(await pumped(upstreamOf([], 'dies'))).toEqual({ text: '[cut]', ends: [true] })
  })

  test('when bytes make no sense, and the upstream is let go', async () => {
    const upstream = upstreamOf(['a', 'bad', 'c'].map(bytesOf), 'goes silent')
    expect(await pumped(upstream)).toEqual({ text: 'a[cut]', ends: [true] })
    expect(upstream.cancelledFor).toBeDefined()
    expect(upstream.pulls).toBe(2)
  })

  test('when the stage has nothing to add', async () => {
    const silent = { next: (bytes: Uint8Array) => bytes, end: () => new Uint8Array(0) }
    expect(textOf(await readAll(await pump(upstreamOf(CHUNKS).stream, silent)))).toBe('abc')
    expect(textOf(await readAll(await pump(upstreamOf(CHUNKS, 'dies').stream, silent)))).toBe('abc')
  })
})

describe('a pumped stream takes no more than is asked for', () => {
  test('at most one read ahead before the first is asked for', async () => {
    const upstream = upstreamOf(CHUNKS)
    await pump(upstream.stream, stage())
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    expect(upstream.pulls).toBeLessThanOrEqual(2)
  })

  test('one read ahead of what was taken', async () => {
    const upstream = upstreamOf(CHUNKS)
    const reader = (await pump(upstream.stream, stage())).getReader()
    for (const [taken, text] of ['a', 'b', 'c'].entries()) {
      const { value } = await reader.read()
      expect(value && textOf(value)).toBe(text)
      expect(upstream.pulls).toBeLessThanOrEqual(taken + 2)
    }
  })

  test('as many as it takes to have something to give', async () => {
    const upstream = upstreamOf(['skip', 'skip', 'a', 'b'].map(bytesOf))
    const reader = (await pump(upstream.stream, stage())).getReader()
    const { value } = await reader.read()
    expect(value && textOf(value)).toBe('a')
    expect(upstream.pulls).toBeLessThanOrEqual(4)
  })
})

describe('when the reader leaves', () => {
  test('the upstream is cancelled, and nobody is told how it ended', async () => {
    const upstream = upstreamOf(CHUNKS, 'goes silent')
    const through = stage()
    const reader = (await pump(upstream.stream, through)).getReader()
    await reader.read()
    await reader.cancel('gone')
    await expect.poll(() => upstream.cancelledFor).toBeDefined()
    expect(through.ends).toEqual([])
  })
})
