import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import { openAiChatStream } from '../../src/formats/openai-chat/stream.ts'
import {
  keepAlive,
  KEEP_ALIVE_COMMENT,
  KEEP_ALIVE_MS,
  type OpenedStream,
} from '../../src/streams/keep-alive.ts'
import type { WatchedStage } from '../../src/streams/reading-stage.ts'
import { rewriteEvents } from '../../src/streams/rewrite.ts'
import { sseText, parseEvents } from '../../src/streams/sse.ts'
import { bytesOf, textOf } from './byte-streams.ts'

/** A clock that goes on when it is told to. */
function clock() {
  let nowMs = 1000
  let sleepers: { readonly untilMs: number; readonly wake: () => void }[] = []
  return {
    nowMs: () => nowMs,
    sleep: (milliseconds: number) =>
      new Promise<void>((wake) => sleepers.push({ untilMs: nowMs + milliseconds, wake })),
    get sleeping() {
      return sleepers.length
    },
    async pass(milliseconds: number): Promise<void> {
      nowMs += milliseconds
      const awake = sleepers.filter(({ untilMs }) => untilMs <= nowMs)
      sleepers = sleepers.filter(({ untilMs }) => untilMs > nowMs)
      for (const { wake } of awake) wake()
      await settled()
    },
  }
}

/** Until everything that can go on without time passing has done so. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  await new Promise((resolve) => setTimeout(resolve, 0))
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

const failureText = (error: GatewayError): string => openAiChatStream.failure(error, 'req_1')
const cut = new GatewayError('upstream_error', 'cut')

const stage = (): WatchedStage =>
  rewriteEvents({
    rewrite: ({ name, data }) => sseText(name, data),
    isLast: (event) => openAiChatStream.isLast(event),
    errorIn: ({ data }) =>
      data.includes('"error"') ? new GatewayError('upstream_overloaded', 'full') : undefined,
    failure: failureText,
    cutOff: () => cut,
  })

/** A call whose upstream does as it is told, and what its caller has heard. */
async function call(intervalMs = KEEP_ALIVE_MS) {
  const time = clock()
  const opening = Promise.withResolvers<OpenedStream>()
  let cancelled = false
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start: (made) => void (controller = made),
    cancel: () => void (cancelled = true),
  })
  let stream: ReadableStream<Uint8Array> | undefined
  let error: unknown
  keepAlive(opening.promise, {
    intervalMs,
    sign: KEEP_ALIVE_COMMENT,
    failure: (reason) => failureText(reason instanceof GatewayError ? reason : cut),
    nowMs: time.nowMs,
    sleep: time.sleep,
  }).then(
    (made) => void (stream = made),
    (reason: unknown) => void (error = reason),
  )
  await settled()
  const heard: string[] = []
  let isOver = false
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  return {
    time,
    heard,
    /** The upstream gives its headers. */
    async open(): Promise<void> {
      opening.resolve({ body, stage: stage() })
      await settled()
    },
    async refuse(reason: unknown): Promise<void> {
      opening.reject(reason)
      await settled()
    },
    async send(text: string): Promise<void> {
      controller?.enqueue(bytesOf(text))
      await settled()
    },
    async close(): Promise<void> {
      controller?.close()
      await settled()
    },
    async die(): Promise<void> {
      controller?.error(new Error('reset'))
      await settled()
    },
    /** The caller reads whatever comes. */
    async listen(): Promise<void> {
      reader = stream?.getReader()
      const listening = reader
      if (listening === undefined) throw new Error('there is no stream')
      const read = async (): Promise<void> => {
        const { done, value } = await listening.read()
        if (done) {
          isOver = true
          return
        }
        heard.push(textOf(value))
        return read()
      }
      read().catch(() => undefined)
      await settled()
    },
    async leave(): Promise<void> {
      await reader?.cancel()
      await settled()
    },
    get hasStream() {
      return stream !== undefined
    },
    get error() {
      return error
    },
    get isOver() {
      return isOver
    },
    get isCancelled() {
      return cancelled
    },
  }
}

const HELLO = 'data: {"a":1}\n\n'
const DONE = 'data: [DONE]\n\n'

describe('within the first interval all is as without it', () => {
  test('the stream is there with its first event, and not before', async () => {
    const made = await call()
    await made.open()
    await made.time.pass(14_999)
    expect(made.hasStream).toBe(false)
    await made.send(HELLO)
    expect(made.hasStream).toBe(true)
    await made.listen()
    await made.send(DONE)
    await made.close()
    expect(made.heard.join('')).toBe(HELLO + DONE)
    expect(made.isOver).toBe(true)
  })

  test('an upstream that refuses is an error of the call', async () => {
    const made = await call()
    await made.time.pass(14_000)
    await made.refuse(new GatewayError('tunnel_offline', 'gone'))
    expect(made.error).toMatchObject({ code: 'tunnel_offline' })
    await made.time.pass(60_000)
    expect(made.hasStream).toBe(false)
  })

  test('a stream that begins with an error is an error of the call, and is let go', async () => {
    const made = await call()
    await made.open()
    await made.send('data: {"error":{"message":"full"}}\n\n')
    expect(made.error).toMatchObject({ code: 'upstream_overloaded' })
    expect(made.isCancelled).toBe(true)
  })

  test.each(['close', 'die'] as const)(
    'a stream that begins with nothing (%s) is too',
    async (how) => {
      const made = await call()
      await made.open()
      await made[how]()
      expect(made.error).toBe(cut)
    },
  )
})

describe('after the first interval the caller hears that all is well', () => {
  test('before the upstream has answered at all, and every interval from then on', async () => {
    const made = await call()
    await made.time.pass(15_000)
    await made.listen()
    expect(made.heard).toEqual([KEEP_ALIVE_COMMENT])
    await made.time.pass(14_999)
    expect(made.heard).toHaveLength(1)
    await made.time.pass(1)
    expect(made.heard).toEqual([KEEP_ALIVE_COMMENT, KEEP_ALIVE_COMMENT])
    await made.open()
    await made.send(HELLO)
    await made.send(DONE)
    await made.close()
    expect(made.heard.join('')).toBe(KEEP_ALIVE_COMMENT.repeat(2) + HELLO + DONE)
    expect(made.isOver).toBe(true)
  })

  test('and an upstream that fails then is an error in the stream, with no good end', async () => {
    const made = await call()
    await made.time.pass(15_000)
    await made.listen()
    await made.refuse(new GatewayError('model_unreachable', 'gone'))
    expect(made.heard.slice(1)).toEqual([expect.stringContaining('"code":"model_unreachable"')])
    expect(made.heard.join('')).not.toContain('[DONE]')
    expect(made.isOver).toBe(true)
  })

  test.each(['close', 'die'] as const)('as is one that stops (%s)', async (how) => {
    const made = await call()
    await made.open()
    await made.time.pass(15_000)
    await made.listen()
    await made.send(HELLO)
    await made[how]()
    expect(made.heard.slice(0, 2)).toEqual([KEEP_ALIVE_COMMENT, HELLO])
    expect(made.heard[2]).toContain('"code":"upstream_error"')
    expect(made.isOver).toBe(true)
  })

  test('and one that begins with an error', async () => {
    const made = await call()
    await made.open()
    await made.time.pass(15_000)
    await made.listen()
    await made.send('data: {"error":{"message":"full"}}\n\n')
    await made.close()
    expect(made.heard[1]).toContain('"code":"upstream_overloaded"')
    expect(made.heard).toHaveLength(2)
  })
})

describe('in the middle of an answer', () => {
  test('silence counts from what the caller last heard', async () => {
    const made = await call()
    await made.open()
    await made.send(HELLO)
    await made.listen()
    await made.time.pass(10_000)
    await made.send(HELLO)
    await made.time.pass(10_000)
    expect(made.heard).toEqual([HELLO, HELLO])
    await made.time.pass(5000)
    expect(made.heard).toEqual([HELLO, HELLO, KEEP_ALIVE_COMMENT])
  })

  test('what the caller does not hear is silence: the beginning of an event, and comments', async () => {
    const made = await call()
    await made.open()
    await made.send(HELLO)
    await made.listen()
    await made.send('data: {"b"')
    await made.time.pass(8000)
    await made.send(':')
    await made.time.pass(7000)
    expect(made.heard).toEqual([HELLO, KEEP_ALIVE_COMMENT])
    await made.send('2}\n\n: ping\n\n')
    const events: string[] = []
    parseEvents(made.heard.join(''), ({ data }) => events.push(data))
    expect(events).toEqual(['{"a":1}', '{"b":2}'])
  })

  test('a caller who is slow to read gets no signs behind what it has not read', async () => {
    const made = await call()
    await made.open()
    await made.send(HELLO)
    await made.send(HELLO)
    for (let turn = 0; turn < 10; turn++) await made.time.pass(15_000)
    await made.listen()
    expect(made.heard).toEqual([HELLO, HELLO])
    await made.time.pass(15_000)
    await made.time.pass(15_000)
    expect(made.heard.slice(2)).toContain(KEEP_ALIVE_COMMENT)
  })

  test('a caller who takes no sign gets no second one', async () => {
    const made = await call()
    for (let turn = 0; turn < 10; turn++) await made.time.pass(15_000)
    await made.listen()
    expect(made.heard).toEqual([KEEP_ALIVE_COMMENT])
  })
})

describe('it ends', () => {
  test('with the stream: no sign, and nobody who waits to give one', async () => {
    const made = await call()
    await made.open()
    await made.send(HELLO)
    await made.listen()
    await made.send(DONE)
    await made.close()
    expect(made.isOver).toBe(true)
    await made.time.pass(15_000)
    await made.time.pass(15_000)
    expect(made.heard.join('')).toBe(HELLO + DONE)
    expect(made.time.sleeping).toBe(0)
  })

  test('when the caller leaves a silent upstream, which is let go at the next sign', async () => {
    const made = await call()
    await made.open()
    await made.send(HELLO)
    await made.listen()
    await made.leave()
    await made.time.pass(15_000)
    expect(made.isCancelled).toBe(true)
    await made.time.pass(15_000)
    expect(made.time.sleeping).toBe(0)
  })

  test('when the caller leaves before the upstream has answered, which is let go when it does', async () => {
    const made = await call()
    await made.time.pass(15_000)
    await made.listen()
    await made.leave()
    await made.time.pass(15_000)
    await made.open()
    await made.send(HELLO)
    expect(made.isCancelled).toBe(true)
    await made.time.pass(15_000)
    expect(made.time.sleeping).toBe(0)
  })
})
