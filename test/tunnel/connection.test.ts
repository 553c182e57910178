import { expect, test } from 'vitest'
import type { CallFailure } from '../../src/tunnel/call.ts'
import { connectionOf } from '../../src/tunnel/connection.ts'

const HEAD = { method: 'GET', path: '/v1/models', headers: [] }

test('a socket that takes nothing any more is gone with its calls, though nobody tells of its end', async () => {
  const attachments: unknown[] = []
  const socket = {
    send() {
      throw new TypeError("Can't call WebSocket send() after close().")
    },
    serializeAttachment: (value: unknown) => void attachments.push(value),
  } as unknown as WebSocket
  const record = {
    id: 'con_1',
    tokenHash: 'hash',
    openedAtMs: 0,
    hello: { agent: 'test/1', max_concurrent: 1, window: 65_536 },
    isLeaving: false,
    usedStreams: 0,
  }
  const gone: unknown[] = []
  const connection = connectionOf(socket, record, {
    memory: { left: 0, heldBytes: 0 },
    nowMs: () => 0,
    pingedAtMs: () => 0,
    onReady: () => undefined,
    onGone: (one) => gone.push(one),
    onBroken: (failure: CallFailure) => expect.unreachable(failure.code),
  })
  const { outcome } = connection.call({ head: HEAD, body: undefined })
  expect(await outcome).toMatchObject({ kind: 'failure', code: 'lost', isAccepted: false })
  expect(gone).toEqual([connection])
  expect(connection.isReady).toBe(false)
  expect(attachments.at(-1)).toBeNull()
})
