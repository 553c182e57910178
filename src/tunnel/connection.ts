import type { HeldMemory } from './answer-body.ts'
import { type Call, type CallFailure, type OutgoingCall, startCall } from './call.ts'
import type { Hello } from './frame-json.ts'
import { type ConnectionFrame, decodeFrames, encodeFrames, type Frame } from './frames.ts'
import { joinData } from './join-data.ts'
import { mayKeepMessage } from './kept-message.ts'
import {
  ALIVE_MS,
  CLOSE,
  DEAD_AFTER_MS,
  GATEWAY_WINDOW_BYTES,
  HELLO_WITHIN_MS,
  MAX_CONCURRENT,
  MAX_STREAM_ID,
  PING,
  PING_MS,
  STALE_AFTER_MS,
} from './limits.ts'
import { openStreams } from './open-streams.ts'
import { ProtocolError } from './protocol-error.ts'

/** What outlives hibernation, beside the socket: its attachment, or null behind the end of the connection. */
export interface ConnectionRecord {
  readonly id: string
  /** Of the token that it dialled in with. */
  readonly tokenHash: string
  readonly openedAtMs: number
  /** What the connector said of itself; a connection without it is not used. */
  readonly hello: Hello | null
  readonly isLeaving: boolean
  /** Stream numbers up to here may have been used. */
  readonly usedStreams: number
}

/** What a connection needs of the object that it belongs to. */
export interface ConnectionWorld {
  readonly memory: HeldMemory
  readonly nowMs: () => number
  /** When the socket's last ping was answered for us. */
  readonly pingedAtMs: (socket: WebSocket) => number
  /** A connector has said HELLO and takes calls. */
  onReady(): void
  /** The connection is closed, or given up; `message` is for administrators. */
  onGone(connection: Connection, message: string | undefined): void
  /** An answer broke off. */
  onBroken(failure: CallFailure): void
}

/** One connector, online. */
export interface Connection {
  readonly record: ConnectionRecord
  /** It takes calls, though perhaps not now. */
  readonly isReady: boolean
  readonly hasRoom: boolean
  readonly inFlight: number
  /** Makes a call; only where there is room. @throws {RangeError} when its head is too large for a frame. */
  call(call: OutgoingCall): Call
  /** Takes a message from the socket. What breaks the protocol ends the connection, and only that. */
  receive(message: string | ArrayBuffer): void
  /** The socket is closed. */
  lost(): void
  /** Ends the connection and fails its calls. */
  close(code: number, reason: string): void
  /** Whether nothing was heard for so long that nobody is there any more. */
  readonly isSilent: boolean
}

/** Numbers are put aside in blocks, so that not every call writes the record. */
const STREAM_BLOCK = 256
/** A close frame has room for 123 bytes. */
const MAX_REASON = 120

export function connectionOf(
  socket: WebSocket,
  initial: ConnectionRecord,
  world: ConnectionWorld,
): Connection {
  let record = initial
  let isGone = false
  let heardAtMs = initial.openedAtMs
  let askedAtMs = 0
  const calls = openStreams<Call>(initial.usedStreams)

  const keep = (changes: Partial<ConnectionRecord>): void => {
    record = { ...record, ...changes }
    socket.serializeAttachment(record)
  }

  const send = (frame: Frame): void => {
    if (isGone) return
    try {
      socket.send(encodeFrames(frame))
    } catch (error) {
      if (error instanceof RangeError) throw error
      // The socket is closing, and its close event may never come. Whoever sends is not to be failed in the middle of it.
      queueMicrotask(() => gone(undefined))
    }
  }

  const gone = (message: string | undefined): void => {
    if (isGone) return
    isGone = true
    // The socket is listed until its other side is closed, too, which is not for us to say.
    socket.serializeAttachment(null)
    for (const call of calls.all()) call.fail('lost', message ?? 'The connection was lost.')
    world.onGone(self, message)
  }

  const close = (code: number, reason: string): void => {
    try {
      socket.close(code, reason.slice(0, MAX_REASON))
    } catch {
      // It was closed already.
    }
    gone(reason)
  }

  const greet = (hello: Hello): void => {
    if (record.hello !== null) throw new ProtocolError('hello twice')
    keep({ hello })
    const welcome = {
      connection: record.id,
      max_concurrent: concurrent(hello),
      window: GATEWAY_WINDOW_BYTES,
      ping_ms: PING_MS,
      alive_ms: ALIVE_MS,
    }
    send({ type: 'welcome', welcome })
    world.onReady()
  }

  const ofConnection = (frame: ConnectionFrame): void => {
    if (frame.type === 'hello') greet(frame.hello)
    if (frame.type === 'goaway') keep({ isLeaving: true })
  }

  const take = (frame: Frame, mayKeep: boolean): void => {
    if (frame.type !== 'hello' && record.hello === null) throw new ProtocolError('no hello yet')
    if (!('stream' in frame)) ofConnection(frame)
    else calls.find(frame.stream)?.receive(frame, mayKeep)
  }

  const nextStream = (): number => {
    const stream = calls.highest + 1
    if (stream > record.usedStreams) keep({ usedStreams: stream + STREAM_BLOCK - 1 })
    return stream
  }

  const self: Connection = {
    get record() {
      return record
    },
    get isReady() {
      const { hello, isLeaving } = record
      return !isGone && hello !== null && !isLeaving && calls.highest < MAX_STREAM_ID - STREAM_BLOCK
    },
    get hasRoom() {
      return record.hello !== null && calls.size < concurrent(record.hello)
    },
    get inFlight() {
      return calls.size
    },
    call(outgoing) {
      if (calls.size === 0) askedAtMs = world.nowMs()
      const stream = nextStream()
      const call = startCall(
        {
          stream,
          sendWindow: record.hello?.window ?? 0,
          memory: world.memory,
          send,
          over: () => calls.remove(stream),
          brokeOff: (failure) => world.onBroken(failure),
        },
        outgoing,
      )
      calls.add(stream, call)
      return call
    },
    receive(message) {
      if (isGone) return
      heardAtMs = world.nowMs()
      try {
        if (typeof message === 'string') {
          if (message !== PING) throw new ProtocolError('text that is not ping')
          return
        }
        const frames = joinData(decodeFrames(new Uint8Array(message), 'connector'))
        const mayKeep = mayKeepMessage(frames, message.byteLength)
        for (const frame of frames) take(frame, mayKeep)
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        close(CLOSE.protocol, error.message)
      }
    },
    lost() {
      gone(undefined)
    },
    close,
    get isSilent() {
      if (calls.size === 0) {
        const patienceMs = record.hello === null ? HELLO_WITHIN_MS : STALE_AFTER_MS
        return world.nowMs() - Math.max(heardAtMs, world.pingedAtMs(socket)) > patienceMs
      }
      // An idle connector has pinged a while ago; its silence counts from when it was given something to do.
      const heardMs = Math.max(heardAtMs, world.pingedAtMs(socket), askedAtMs)
      return world.nowMs() - heardMs > DEAD_AFTER_MS
    },
  }
  return self
}

/** How many calls a connector is given at once. */
export function concurrent(hello: Hello): number {
  return Math.min(hello.max_concurrent, MAX_CONCURRENT)
}
