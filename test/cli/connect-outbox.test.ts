import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createOutbox } from '../../cli/connect/outbox.ts'
import { framesIn } from './tunnel-frames.ts'

/** A socket whose network the test is. */
function newSocket() {
  const messages: Buffer[] = []
  const waiting: (() => void)[] = []
  const socket = {
    OPEN: 1 as const,
    readyState: 1 as const,
    bufferedAmount: 0,
    send(message: Uint8Array, onSent: () => void) {
      messages.push(Buffer.from(message))
      socket.bufferedAmount += message.length
      waiting.push(() => {
        socket.bufferedAmount -= message.length
        onSent()
      })
    },
  }
  return { socket, messages, deliver: () => waiting.shift()?.() }
}

const data = (stream: number, length: number) =>
  ({ type: 'data', stream, bytes: Buffer.alloc(length, stream), isLast: false }) as const

test('frames of one turn share messages, in order, none over 1 MiB', async () => {
  const { socket, messages } = newSocket()
  const outbox = createOutbox(socket, () => undefined)
  for (let stream = 1; stream <= 40; stream += 1) outbox.send(data(stream, 65_536))
  outbox.send({ type: 'alive', stream: 41 })
  outbox.send({ type: 'alive', stream: 42 })
  await turn()
  expect(messages.flatMap(framesIn).map(({ stream }) => stream)).toEqual(
    Array.from({ length: 42 }, (_, at) => at + 1),
  )
  for (const message of messages) expect(message.length).toBeLessThanOrEqual(1024 * 1024)
  expect(framesIn(messages.at(-1) ?? Buffer.alloc(0))).toHaveLength(2)
  expect(messages.length).toBeLessThan(12)
})

test('heads of answers count, too: those of one turn are no message over 1 MiB', async () => {
  const { socket, messages } = newSocket()
  const outbox = createOutbox(socket, () => undefined)
  const head = { status: 200, headers: [['x-long', 'ä'.repeat(16_000)]] } as const
  for (let stream = 1; stream <= 64; stream += 1) {
    outbox.send({ type: 'response', stream, head, isLast: false })
  }
  await turn()
  expect(messages.flatMap(framesIn)).toHaveLength(64)
  for (const message of messages) expect(message.length).toBeLessThanOrEqual(1024 * 1024)
})

test('says when there is room again, once the network has taken what waited', () => {
  const { socket, messages, deliver } = newSocket()
  let rooms = 0
  const outbox = createOutbox(socket, () => {
    rooms += 1
  })
  let count = 0
  while (!outbox.isClogged()) {
    outbox.send(data(1, 65_536))
    count += 1
  }
  expect(count).toBeLessThan(20)
  outbox.flush()
  expect(rooms).toBe(0)
  for (let sent = 0; sent < messages.length; sent += 1) deliver()
  expect([rooms, outbox.isClogged()]).toEqual([1, false])
})

test('whoever was told that it is clogged is woken, though others asked while it emptied', () => {
  const { socket, messages, deliver } = newSocket()
  let rooms = 0
  const outbox = createOutbox(socket, () => {
    rooms += 1
  })
  while (!outbox.isClogged()) outbox.send(data(1, 65_536))
  outbox.flush()
  deliver()
  expect(socket.bufferedAmount).toBeGreaterThan(512 * 1024)
  expect([outbox.isClogged(), rooms]).toEqual([false, 0])
  for (let sent = 1; sent < messages.length; sent += 1) deliver()
  expect(rooms).toBe(1)
})

test('nothing is sent over a socket that is closing', async () => {
  const { socket, messages } = newSocket()
  const outbox = createOutbox({ ...socket, readyState: 2 }, () => undefined)
  outbox.send({ type: 'alive', stream: 1 })
  await turn()
  expect(messages).toEqual([])
})

test('what waits to be sent stays as it is, whatever is sent behind it', () => {
  const sent: { message: Uint8Array; onSent: () => void }[] = []
  const socket = {
    OPEN: 1 as const,
    readyState: 1 as const,
    bufferedAmount: 0,
    send: (message: Uint8Array, onSent: () => void) => void sent.push({ message, onSent }),
  }
  const outbox = createOutbox(socket, () => undefined)
  const sendOne = (stream: number): void => {
    outbox.send(data(stream, 60_000))
    outbox.flush()
  }
  for (const stream of [1, 2, 3]) sendOne(stream)
  sent[0]?.onSent()
  for (const stream of [4, 5]) sendOne(stream)
  const waiting = sent.slice(1).map(({ message }) => framesIn(Buffer.from(message))[0])
  expect(
    waiting.map((one) => [one?.stream, one?.payload.equals(Buffer.alloc(60_000, one.stream))]),
  ).toEqual([2, 3, 4, 5].map((stream) => [stream, true]))
  // The first one's memory is what the fourth was written to.
  expect(sent[3]?.message.buffer).toBe(sent[0]?.message.buffer)
})
