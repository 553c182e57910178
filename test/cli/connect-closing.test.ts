import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { serve } from '../../cli/connect/connection.ts'
import { createModelServer } from '../../cli/connect/model-server.ts'
import { parseTarget } from '../../cli/connect/target.ts'
import { frame } from './tunnel-frames.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => void vi.useRealTimers())

/** A socket whose network the test is, and a connection over it. */
function newConnection() {
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    CLOSED: 3,
    readyState: 1,
    bufferedAmount: 100_000,
    send: vi.fn<() => void>(),
    close: vi.fn<(code: number, reason: string) => void>(),
    terminate: vi.fn<() => void>(),
  })
  const connection = serve(socket as unknown as WebSocket, {
    server: createModelServer(parseTarget('http://127.0.0.1:2')),
    allowed: [],
    credential: () => ({ kind: 'none' }),
    clock: () => 0,
    onRequest: () => undefined,
    hello: { agent: 'keyway/test', max_concurrent: 1, window: 65_536 },
  })
  return { socket, connection }
}

test('what waits to be sent is sent before a drained connection is cut', () => {
  const { socket, connection } = newConnection()
  connection.drain()
  expect(socket.close).toHaveBeenCalledWith(1000, 'drained')
  vi.advanceTimersByTime(5_000)
  expect(socket.terminate).not.toHaveBeenCalled()
  socket.bufferedAmount = 0
  vi.advanceTimersByTime(1_000)
  expect(socket.terminate).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1_000)
  expect(socket.terminate).toHaveBeenCalledOnce()
})

test('nobody is asked for a sign of life while the end of the last answer leaves', () => {
  const { socket, connection } = newConnection()
  const terms = { connection: 'c', window: 65_536, max_concurrent: 1, alive_ms: 5_000 }
  socket.emit('message', frame('welcome', 0, { ...terms, ping_ms: 20_000 }), true)
  vi.advanceTimersByTime(20_000)
  expect(socket.send).toHaveBeenLastCalledWith('ping')
  connection.drain()
  const { length } = socket.send.mock.calls
  vi.advanceTimersByTime(29_000)
  expect(socket.send).toHaveBeenCalledTimes(length)
  expect(socket.terminate).not.toHaveBeenCalled()
  socket.emit('close', 1000, Buffer.alloc(0))
})

test('a connection that is to stop now is cut after a second, whatever waits', () => {
  const { socket, connection } = newConnection()
  connection.drain()
  connection.close()
  vi.advanceTimersByTime(1_000)
  expect(socket.terminate).toHaveBeenCalledOnce()
  socket.readyState = socket.CLOSED
  vi.advanceTimersByTime(20_000)
  expect(vi.getTimerCount()).toBe(0)
})
