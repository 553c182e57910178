import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { receiveWindow, sendCredit } from '../../src/tunnel/credit.ts'
import type { Side, StreamFrame } from '../../src/tunnel/frames.ts'
import { openStreams } from '../../src/tunnel/open-streams.ts'
import { ProtocolError } from '../../src/tunnel/protocol-error.ts'
import { streamState, type StreamState } from '../../src/tunnel/stream-state.ts'

const KIB = 1024
const stream = 1

function stateOf(side: Side, hasNoBody = false): StreamState {
  return streamState({ side, hasNoBody, sendWindow: 64 * KIB, receiveWindow: 64 * KIB })
}

const head = { status: 200, headers: [] }
const accepted: StreamFrame = { type: 'accepted', stream }
const alive: StreamFrame = { type: 'alive', stream }
const response: StreamFrame = { type: 'response', stream, head, isLast: false }
const emptyResponse: StreamFrame = { type: 'response', stream, head, isLast: true }
const reset: StreamFrame = { type: 'reset', stream, notice: { code: 'cancelled' } }
const data = (length: number, isLast = false): StreamFrame & { type: 'data' } => ({
  type: 'data',
  stream,
  bytes: new Uint8Array(length),
  isLast,
})
const window = (bytes: number): StreamFrame => ({ type: 'window', stream, bytes })

describe('the order of frames, as the gateway sees it', () => {
  test.each<readonly [why: string, frames: readonly StreamFrame[]]>([
    ['data before response', [data(1)]],
    ['data before response', [accepted, data(1)]],
    ['accepted twice', [accepted, accepted]],
    ['accepted twice', [response, accepted]],
    ['response twice', [response, response]],
    ['data after the last', [response, data(1, true), data(1)]],
    ['data after the last', [emptyResponse, data(1)]],
    ['data beyond the window', [response, data(64 * KIB + 1)]],
    ['data beyond the window', [response, data(64 * KIB), data(1)]],
    ['window over 1 MiB', [window(1024 * KIB)]],
    ['window over 1 MiB', [window(0xffff_ffff)]],
    [
      'request on a stream',
      [{ type: 'request', stream, head: { method: 'GET', path: '/', headers: [] }, isLast: true }],
    ],
  ])('%s', (why, frames) => {
    const state = stateOf('gateway')
    for (const frame of frames.slice(0, -1)) state.receive(frame)
    const receiveLast = (): void => frames.slice(-1).forEach((frame) => state.receive(frame))
    expect(receiveLast).toThrow(ProtocolError)
    expect(receiveLast).toThrow(why)
  })

  test('an answer: accepted, alive, response, data, the last', () => {
    const state = stateOf('gateway')
    for (const frame of [alive, accepted, alive]) state.receive(frame)
    expect(state).toMatchObject({ isAccepted: true, isAnswered: false, isOver: false })
    for (const frame of [response, data(10), alive]) state.receive(frame)
    expect(state).toMatchObject({ isAnswered: true, isOver: false, held: 10 })
    state.receive(data(5, true))
    expect(state).toMatchObject({ isOver: true, held: 15, sendable: 0 })
  })

  test('a response accepts; an answer that is whole ends the call before its request is', () => {
    const state = stateOf('gateway')
    expect(state.sendable).toBe(64 * KIB)
    state.receive(emptyResponse)
    expect(state).toMatchObject({ isAccepted: true, isOver: true, hasSentLast: false, sendable: 0 })
    expect(() => state.send(data(1))).toThrow(RangeError)
  })

  test('a reset ends it, from either side', () => {
    for (const end of [(s: StreamState) => s.receive(reset), (s: StreamState) => s.send(reset)]) {
      const state = stateOf('gateway')
      end(state)
      expect(state).toMatchObject({ isOver: true, isAnswered: false, sendable: 0 })
    }
  })
})

describe('the order of frames, as a connector sees it', () => {
  test('it answers after it was asked, and is over when it has sent the last', () => {
    const state = stateOf('connector')
    state.receive(data(100))
    state.receive(data(0, true))
    expect(() => state.receive(data(1))).toThrow('data after the last')
    const answering = stateOf('connector', true)
    expect(() => answering.receive(data(1))).toThrow('data after the last')
    expect(() => answering.send(data(1))).toThrow('data before response')
    answering.send({ type: 'accepted' })
    answering.send({ type: 'response', isLast: false })
    expect(() => answering.send({ type: 'response', isLast: false })).toThrow(RangeError)
    answering.send(data(64 * KIB))
    expect(answering.sendable).toBe(0)
    expect(() => answering.send(data(1))).toThrow(RangeError)
    answering.receive(window(10))
    expect(answering.sendable).toBe(10)
    answering.send(data(10, true))
    expect(answering.isOver).toBe(true)
  })
})

describe('credit', () => {
  test('is granted for what was taken, half a window at a time', () => {
    const window64 = receiveWindow(64 * KIB)
    window64.receive(64 * KIB)
    expect(window64.take(32 * KIB - 1)).toBe(0)
    expect(window64.take(1)).toBe(32 * KIB)
    expect(window64.held).toBe(32 * KIB)
    window64.receive(32 * KIB)
    expect(() => window64.receive(1)).toThrow(ProtocolError)
  })

  test('grows for a reader that keeps up with a sender that uses all of it, as far as the pool goes', () => {
    const pool = { left: 200 * KIB }
    const growing = receiveWindow(64 * KIB, pool)
    const grants = Array.from({ length: 4 }, (_, round) => {
      const size = [64, 128, 256, 264][round] ?? 0
      growing.receive(size * KIB)
      return growing.take(size * KIB) / KIB
    })
    expect(grants).toEqual([128, 256, 264, 264])
    expect(pool.left).toBe(0)
    growing.close()
    growing.close()
    expect(pool.left).toBe(200 * KIB)
  })

  test('does not grow for a reader that lags, nor for a stream that trickles', () => {
    const pool = { left: 1024 * KIB }
    const lagging = receiveWindow(64 * KIB, pool)
    lagging.receive(64 * KIB)
    expect(lagging.take(48 * KIB)).toBe(48 * KIB)
    const trickling = receiveWindow(64 * KIB, pool)
    for (let chunk = 0; chunk < 1000; chunk++) {
      trickling.receive(KIB)
      trickling.take(KIB)
    }
    expect(pool.left).toBe(1024 * KIB)
  })

  test('is not granted after the end: a late reader borrows nothing', () => {
    const pool = { left: 1024 * KIB }
    const ended = receiveWindow(64 * KIB, pool)
    ended.receive(64 * KIB)
    ended.close()
    expect(ended.take(64 * KIB)).toBe(0)
    expect(pool.left).toBe(1024 * KIB)
  })

  test('any sender and any reader: all arrives, never more than the window is held, the pool is whole at the end', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 70_000 })), {
      maxLength: 300,
    })
    fc.assert(
      fc.property(steps, fc.boolean(), (moves, hasPool) => {
        const pool = { left: 300 * KIB }
        const receiving = receiveWindow(16 * KIB, ...(hasPool ? [pool] : []))
        const sending = sendCredit(16 * KIB)
        let sent = 0
        let taken = 0
        for (const [sends, wanted] of moves) {
          const bytes = Math.min(wanted, sends ? sending.left : receiving.held)
          if (bytes === 0) continue
          if (sends) {
            sending.spend(bytes)
            receiving.receive(bytes)
            sent += bytes
          } else {
            taken += bytes
            const granted = receiving.take(bytes)
            if (granted > 0) sending.grant(granted)
          }
          expect(receiving.held).toBe(sent - taken)
          expect(receiving.held + sending.left).toBeLessThanOrEqual(316 * KIB)
          if (!hasPool) expect(receiving.held + sending.left).toBeLessThanOrEqual(16 * KIB)
          expect(pool.left).toBeGreaterThanOrEqual(0)
        }
        // A reader that takes everything always lets the sender go on.
        while (receiving.held > 0) {
          const granted = receiving.take(Math.min(receiving.held, 1000))
          if (granted > 0) sending.grant(granted)
        }
        expect(sending.left).toBeGreaterThan(0)
        receiving.close()
        expect(pool.left).toBe(300 * KIB)
      }),
      { numRuns: 300 },
    )
  })
})

describe('the streams of a connection', () => {
  test('are found while open, ignored when over, and a mistake when there never was one', () => {
    const streams = openStreams<string>(4)
    expect(streams.find(4)).toBeUndefined()
    expect(() => streams.find(5)).toThrow(ProtocolError)
    streams.add(9, 'nine')
    expect(streams.find(9)).toBe('nine')
    expect(streams.find(7)).toBeUndefined()
    expect(() => streams.add(9, 'again')).toThrow('stream id used before')
    streams.remove(9)
    expect(streams.find(9)).toBeUndefined()
    expect(streams.size).toBe(0)
    expect(streams.highest).toBe(9)
  })
})
