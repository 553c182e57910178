import type { RawData, WebSocket } from 'ws'
import type { Hello, Welcome } from '../../src/tunnel/frame-json.ts'
import { decodeFrames, type Frame } from '../../src/tunnel/frames.ts'
import { CLOSE, PONG } from '../../src/tunnel/limits.ts'
import { ProtocolError } from '../../src/tunnel/protocol-error.ts'
import { type Calls, type CallsOptions, createCalls } from './calls.ts'
import { type Closed, closedBy } from './closing.ts'
import { GREETING_MS } from './dial.ts'
import { TICKS_PER_ALIVE } from './exchange.ts'
import { type Heartbeat, startHeartbeat } from './heartbeat.ts'
import { createOutbox } from './outbox.ts'

/** A WebSocket to Keyway over which calls come. */
export interface Connection {
  /** Calls that are not over. */
  readonly running: number
  /** Resolves with true when Keyway has said WELCOME, with false when the connection is closed instead. */
  readonly welcomed: Promise<boolean>
  /** Resolves when another connection should take its place: Keyway said GOAWAY, or it is closed. */
  readonly retired: Promise<Closed>
  readonly closed: Promise<Closed>
  /** Takes no more calls, finishes those that run, and closes. */
  readonly drain: () => void
  /** Ends all calls and closes. */
  readonly close: () => void
}

export interface ConnectionOptions extends CallsOptions {
  readonly hello: Hello
}

/** RFC 6455 §5.5: a close frame has 125 bytes, two of them for the code. */
const MAX_REASON = 123

/** RFC 6455 §7.4.1, as the registry has it. */
const INTERNAL_ERROR = 1011

/** Whoever has heard everything and does not close in turn is not waited for any longer. */
const CLOSE_MS = 1_000

/** Says HELLO over an open socket and answers the calls that come, until it is closed. */
export function serve(socket: WebSocket, options: ConnectionOptions): Connection {
  const welcomed = Promise.withResolvers<boolean>()
  const retired = Promise.withResolvers<Closed>()
  const closed = Promise.withResolvers<Closed>()
  const outbox = createOutbox(socket, () => calls?.forEach((exchange) => exchange.pump()))
  const greeting = setTimeout(() => hangUp(CLOSE.done, 'no welcome', NO_WELCOME), GREETING_MS)
  let calls: Calls | undefined
  let heartbeat: Heartbeat | undefined
  let ticking: NodeJS.Timeout | undefined
  let isLeaving = false
  let isHungUp = false
  /** Why this side ended it, where it did. */
  let ownReason: string | undefined

  function hangUp(code: number, reason: string, said: string): void {
    ownReason ??= said
    isHungUp = true
    // A ping would not leave any more, and count for ever as what waits to be sent.
    heartbeat?.stop()
    outbox.flush()
    socket.close(code, reason.slice(0, MAX_REASON))
    terminateOnceSent()
  }

  /** The end of the last answer may still wait for the network. The WebSocket itself waits for all of this half a minute. */
  function terminateOnceSent(): void {
    const isSent = socket.bufferedAmount === 0 || socket.readyState === socket.CLOSED
    setTimeout(() => (isSent ? socket.terminate() : terminateOnceSent()), CLOSE_MS).unref()
  }

  function leaveWhenIdle(): void {
    if (isLeaving && (calls?.running ?? 0) === 0) hangUp(CLOSE.done, 'drained', 'It was drained.')
  }

  function leave(): void {
    isLeaving = true
    calls?.takeNoMore()
    leaveWhenIdle()
  }

  function begin(terms: Welcome): void {
    clearTimeout(greeting)
    // HELLO said what the model can bear; Keyway may only ask for less.
    const max_concurrent = Math.min(terms.max_concurrent, options.hello.max_concurrent)
    const link = { ...outbox, onOver: leaveWhenIdle }
    calls = createCalls(options, link, { ...terms, max_concurrent })
    if (isLeaving) calls.takeNoMore()
    heartbeat = startHeartbeat(socket, terms.ping_ms, () => {
      ownReason ??= 'Keyway did not answer a ping.'
      socket.terminate()
    })
    const tick = (): void => calls?.forEach((exchange) => exchange.tick())
    ticking = setInterval(tick, terms.alive_ms / TICKS_PER_ALIVE)
    welcomed.resolve(true)
  }

  function take(frame: Frame): void {
    if (frame.type === 'welcome') {
      if (calls) throw new ProtocolError('welcome twice')
      return begin(frame.welcome)
    }
    if (!calls) throw new ProtocolError(`${frame.type} before welcome`)
    if ('stream' in frame) return calls.receive(frame)
    retired.resolve({ reason: 'Keyway asks to dial in anew.', isRevoked: false })
    leave()
  }

  function onMessage(data: RawData, isBinary: boolean): void {
    // What comes after a mistake is not looked at.
    if (isHungUp) return
    heartbeat?.heard()
    try {
      if (!(data instanceof Uint8Array)) throw new ProtocolError('message of an unknown kind')
      if (isBinary) for (const frame of decodeFrames(data, 'gateway')) take(frame)
      else if (data.toString() !== PONG) throw new ProtocolError('unknown text')
    } catch (error) {
      if (error instanceof ProtocolError) {
        const { message } = error
        hangUp(CLOSE.protocol, message, `Keyway broke the tunnel protocol: ${message}.`)
      } else hangUp(INTERNAL_ERROR, 'internal error', DEFECT)
      calls?.forEach((exchange) => exchange.abort())
    }
  }

  function onClose(code: number, reason: Buffer): void {
    clearTimeout(greeting)
    clearInterval(ticking)
    heartbeat?.stop()
    const end = closedBy(code, reason.toString())
    const told = ownReason === undefined ? end : { ...end, reason: ownReason }
    calls?.forEach((exchange) => exchange.abort())
    welcomed.resolve(false)
    retired.resolve(told)
    closed.resolve(told)
  }

  socket.on('message', onMessage)
  socket.on('close', onClose)
  outbox.send({ type: 'hello', hello: options.hello })
  return {
    get running() {
      return calls?.running ?? 0
    },
    welcomed: welcomed.promise,
    retired: retired.promise,
    closed: closed.promise,
    drain() {
      if (calls) outbox.send({ type: 'goaway', notice: { code: 'draining' } })
      leave()
    },
    close() {
      calls?.forEach((exchange) => exchange.abort('internal_error'))
      hangUp(CLOSE.done, 'stopped', 'It was stopped.')
      setTimeout(() => socket.terminate(), CLOSE_MS).unref()
    },
  }
}

const NO_WELCOME = 'Keyway did not say WELCOME in time.'

const DEFECT = 'This program failed at a message of Keyway. That is a defect: please report it.'
