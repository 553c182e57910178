import {
  type Hello,
  type Notice,
  parseHello,
  parseNotice,
  parseRequestHead,
  parseResponseHead,
  parseWelcome,
  type RequestHead,
  type ResponseHead,
  type Welcome,
} from './frame-json.ts'
import { MAX_MESSAGE_BYTES, MAX_PAYLOAD_BYTES } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

/**
 * The frames of `byom-tunnel/1`, in binary and as values. Pure: the Durable Object and the connector both use it.
 * docs/tunnel.md describes every frame. A frame is `u8 type | u8 flags | u32 stream | u32 length | payload`, numbers with
 * the high byte first; a WebSocket message is one or more whole frames.
 */

/** Who speaks. The gateway opens streams; a connector only answers. */
export type Side = 'gateway' | 'connector'

/** A frame about the connection as a whole. */
export type ConnectionFrame =
  | { readonly type: 'hello'; readonly hello: Hello }
  | { readonly type: 'welcome'; readonly welcome: Welcome }
  | { readonly type: 'goaway'; readonly notice: Notice }

/** A frame of one stream, which is one call. `isLast` ends what its sender has to send of a body. */
export type StreamFrame =
  | RequestFrame
  | { readonly type: 'accepted'; readonly stream: number }
  | { readonly type: 'alive'; readonly stream: number }
  | ResponseFrame
  | DataFrame
  | { readonly type: 'window'; readonly stream: number; readonly bytes: number }
  | { readonly type: 'reset'; readonly stream: number; readonly notice: Notice }

export interface RequestFrame {
  readonly type: 'request'
  readonly stream: number
  readonly head: RequestHead
  readonly isLast: boolean
}

export interface ResponseFrame {
  readonly type: 'response'
  readonly stream: number
  readonly head: ResponseHead
  readonly isLast: boolean
}

export interface DataFrame {
  readonly type: 'data'
  readonly stream: number
  /** A view into the message that it came in. At most 64 KiB. */
  readonly bytes: Uint8Array
  readonly isLast: boolean
}

export type Frame = ConnectionFrame | StreamFrame
export type FrameType = Frame['type']

/** Frame types by their code. */
const TYPES: readonly (FrameType | undefined)[] = [
  undefined,
  'hello',
  'welcome',
  'goaway',
  'request',
  'accepted',
  'alive',
  'response',
  'data',
  'window',
  'reset',
]

interface FrameRule {
  /** Who may send it; undefined: both. */
  readonly from?: Side
  readonly isOfStream: boolean
  /** Whether it can be the last of its direction. */
  readonly mayEnd?: true
}

const RULES: Readonly<Record<FrameType, FrameRule>> = {
  hello: { from: 'connector', isOfStream: false },
  welcome: { from: 'gateway', isOfStream: false },
  goaway: { isOfStream: false },
  request: { from: 'gateway', isOfStream: true, mayEnd: true },
  accepted: { from: 'connector', isOfStream: true },
  alive: { from: 'connector', isOfStream: true },
  response: { from: 'connector', isOfStream: true, mayEnd: true },
  data: { isOfStream: true, mayEnd: true },
  window: { isOfStream: true },
  reset: { isOfStream: true },
}

export const HEADER_BYTES = 10
const LAST = 1
const NOTHING = new Uint8Array(0)
const encoder = new TextEncoder()

/** One WebSocket message with these frames. @throws {RangeError} when a payload is over 64 KiB. */
export function encodeFrames(...frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  return writeFrames(frames, (length) => new Uint8Array(length))
}

/** The same, in memory of so many bytes that the caller gives, whatever is in it. */
export function writeFrames<Memory extends Uint8Array>(
  frames: readonly Frame[],
  memoryOf: (length: number) => Memory,
): Memory {
  const payloads = frames.map(payloadOf)
  const length = payloads.reduce((sum, payload) => sum + HEADER_BYTES + payload.length, 0)
  const message = memoryOf(length)
  const view = new DataView(message.buffer, message.byteOffset, length)
  let at = 0
  for (const [index, frame] of frames.entries()) {
    const payload = payloads[index] ?? NOTHING
    if (payload.length > MAX_PAYLOAD_BYTES) throw new RangeError(`${frame.type} is over 64 KiB`)
    view.setUint8(at, TYPES.indexOf(frame.type))
    view.setUint8(at + 1, 'isLast' in frame && frame.isLast ? LAST : 0)
    view.setUint32(at + 2, 'stream' in frame ? frame.stream : 0)
    view.setUint32(at + 6, payload.length)
    message.set(payload, at + HEADER_BYTES)
    at += HEADER_BYTES + payload.length
  }
  return message
}

function payloadOf(frame: Frame): Uint8Array {
  switch (frame.type) {
    case 'hello':
      return jsonBytes(frame.hello)
    case 'welcome':
      return jsonBytes(frame.welcome)
    case 'goaway':
    case 'reset':
      return jsonBytes(frame.notice)
    case 'request':
    case 'response':
      return jsonBytes(frame.head)
    case 'data':
      return frame.bytes
    case 'window':
      return uint32(frame.bytes)
    case 'accepted':
    case 'alive':
      return NOTHING
    default:
      return frame satisfies never
  }
}

function jsonBytes(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/**
 * The frames of one WebSocket message that came from a side, each checked by itself; whether they come in order is for
 * `StreamState` and `OpenStreams` to say.
 * @throws {ProtocolError}
 */
export function decodeFrames(message: Uint8Array, from: Side): Frame[] {
  if (message.length > MAX_MESSAGE_BYTES) throw new ProtocolError('message over 1 MiB')
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  const frames: Frame[] = []
  let at = 0
  do {
    if (message.length - at < HEADER_BYTES) throw new ProtocolError('frame cut off in its header')
    const length = view.getUint32(at + 6)
    if (length > MAX_PAYLOAD_BYTES) throw new ProtocolError('payload over 64 KiB')
    const start = at + HEADER_BYTES
    if (message.length - start < length) throw new ProtocolError('frame cut off in its payload')
    const type = typeOf(view.getUint8(at), from)
    const stream = streamOf(view.getUint32(at + 2), type)
    const isLast = isLastOf(view.getUint8(at + 1), type)
    frames.push(frameOf(type, { stream, isLast, payload: message.subarray(start, start + length) }))
    at = start + length
  } while (at < message.length)
  return frames
}

function typeOf(code: number, from: Side): FrameType {
  const type = TYPES[code]
  if (type === undefined) throw new ProtocolError('unknown frame type')
  const rule = RULES[type]
  if (rule.from !== undefined && rule.from !== from) {
    throw new ProtocolError(`${type} is not for a ${from} to send`)
  }
  return type
}

function streamOf(stream: number, type: FrameType): number {
  if (RULES[type].isOfStream === stream > 0) return stream
  throw new ProtocolError(stream > 0 ? `${type} on a stream` : `${type} on no stream`)
}

function isLastOf(flags: number, type: FrameType): boolean {
  if (flags > (RULES[type].mayEnd === true ? LAST : 0))
    throw new ProtocolError(`unknown flag of ${type}`)
  return flags === LAST
}

interface RawFrame {
  readonly stream: number
  readonly isLast: boolean
  readonly payload: Uint8Array
}

function frameOf(type: FrameType, { stream, isLast, payload }: RawFrame): Frame {
  switch (type) {
    case 'hello':
      return { type, hello: parseHello(payload) }
    case 'welcome':
      return { type, welcome: parseWelcome(payload) }
    case 'goaway':
      return { type, notice: parseNotice(payload) }
    case 'request':
      return { type, stream, head: parseRequestHead(payload), isLast }
    case 'response':
      return { type, stream, head: parseResponseHead(payload), isLast }
    case 'data':
      // Frames that neither bring anything nor cost any credit could come without end.
      if (payload.length === 0 && !isLast)
        throw new ProtocolError('empty data that is not the last')
      return { type, stream, bytes: payload, isLast }
    case 'window':
      return { type, stream, bytes: credit(payload) }
    case 'reset':
      return { type, stream, notice: parseNotice(payload) }
    case 'accepted':
    case 'alive':
      if (payload.length > 0) throw new ProtocolError(`${type} with a payload`)
      return { type, stream }
    default:
      return type satisfies never
  }
}

function credit(payload: Uint8Array): number {
  if (payload.length !== 4) throw new ProtocolError('window is not four bytes')
  const bytes = new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0)
  if (bytes === 0) throw new ProtocolError('window of nothing')
  return bytes
}
