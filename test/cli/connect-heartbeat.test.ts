import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startHeartbeat } from '../../cli/connect/heartbeat.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A heartbeat of 20 s over a socket in which so much waits to be sent. */
function newHeartbeat(bufferedAmount = 0) {
  const sent: string[] = []
  let silences = 0
  const socket = { bufferedAmount, send: (text: string) => void sent.push(text) }
  const heartbeat = startHeartbeat(socket, 20_000, () => {
    silences += 1
  })
  return { heartbeat, sent, silences: () => silences }
}

test('a ping that nothing follows for 10 s is silence', () => {
  const { sent, silences } = newHeartbeat()
  vi.advanceTimersByTime(29_999)
  expect([sent, silences()]).toEqual([['ping'], 0])
  vi.advanceTimersByTime(1)
  expect(silences()).toBe(1)
})

test('whatever is heard after a ping ends the wait for that one, and not for the next', () => {
  const { heartbeat, sent, silences } = newHeartbeat()
  for (let round = 0; round < 3; round += 1) {
    vi.advanceTimersByTime(20_000)
    heartbeat.heard()
  }
  expect([sent.length, silences()]).toEqual([3, 0])
  vi.advanceTimersByTime(30_000)
  expect(silences()).toBe(1)
})

test('a ping behind much that is to be sent has as long as a slow network takes for that', () => {
  const { silences } = newHeartbeat(1024 * 1024)
  vi.advanceTimersByTime(20_000 + 10_000 + 32_767)
  expect(silences()).toBe(0)
  vi.advanceTimersByTime(1)
  expect(silences()).toBe(1)
})

test('after it is stopped, nothing is sent and nothing is silence', () => {
  const { heartbeat, sent, silences } = newHeartbeat()
  vi.advanceTimersByTime(20_000)
  heartbeat.stop()
  vi.advanceTimersByTime(100_000)
  expect([sent.length, silences()]).toEqual([1, 0])
})
