import { afterEach, expect, test, vi } from 'vitest'
import { startCall } from '../../src/tunnel/call.ts'
import type { Frame } from '../../src/tunnel/frames.ts'
import { bytesOf } from './world.ts'

afterEach(() => void vi.useRealTimers())

const HEAD = { method: 'POST', path: '/v1/chat/completions', headers: [] }

/** A call whose caller sends nothing, until its body breaks off; `cancel` breaks it off, as the runtime may. */
function begunCall() {
  const { promise: reading, reject: breakOff } = Promise.withResolvers<undefined>()
  const sent: Frame[] = []
  const body = {
    read: () => reading,
    canRewind: true,
    rewind: () => undefined,
    settle: () => undefined,
    cancel: () => breakOff(new Error('cancelled')),
  }
  const line = {
    stream: 1,
    sendWindow: 65_536,
    memory: { left: 0, heldBytes: 0 },
    send: (frame: Frame) => void sent.push(frame),
    over: () => undefined,
    brokeOff: () => undefined,
  }
  return { call: startCall(line, { head: HEAD, body }), sent, breakOff }
}

test('an answer that is whole is not broken off with the rest of its request, however late it is read', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const { call } = begunCall()
  const head = { status: 413, headers: [] }
  call.receive({ type: 'response', stream: 1, head, isLast: false }, true)
  call.receive({ type: 'data', stream: 1, bytes: bytesOf('too large'), isLast: true }, true)
  const outcome = await call.outcome
  if (outcome.kind === 'failure') throw new Error(outcome.code)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await new Response(outcome.body).text()).toBe('too large')
})

test('a request that breaks off before its answer is whole is given up', async () => {
  const { call, sent, breakOff } = begunCall()
  breakOff(new Error('the caller left'))
  expect(await call.outcome).toMatchObject({ kind: 'failure', code: 'cancelled' })
  expect(sent.at(-1)).toEqual({ type: 'reset', stream: 1, notice: { code: 'cancelled' } })
})
