import { CRC_START, crcOf, crcOver } from '../core/crc32.ts'
import { HeldBytes } from './held-bytes.ts'

/**
 * Amazon's binary event stream: `[length u32][headers length u32][CRC][headers][payload][CRC]`. Read here and not by
 * Amazon's own library, which takes several times as long for a frame (docs/performance.md).
 * https://docs.aws.amazon.com/lexv2/latest/dg/event-stream-encoding.html
 */
const PRELUDE_BYTES = 12
const CRC_BYTES = 4
const MAX_FRAME_BYTES = 16 * 1024 * 1024

/** Each given whole texts only, so that one serves all streams. */
const textDecoder = new TextDecoder()
const textEncoder = new TextEncoder()

export interface AwsEvent {
  /** `event`, or `exception` or `error` for a failure in the stream. */
  readonly messageType: string
  /** The event's or the exception's name. */
  readonly type: string
  readonly payload: string
}

/** Gathers bytes split anywhere into whole frames, both checksums verified. */
export interface AwsFrameReader {
  /** Calls back for each event that these bytes complete. Throws on bytes that are no frame, behind those that are. */
  read(bytes: Uint8Array): void
  /** Whether a frame has begun and is not whole yet. */
  hasPartialFrame(): boolean
}

export function awsFrameReader(onEvent: (event: AwsEvent) => void): AwsFrameReader {
  const held = new HeldBytes()
  const meaningOf = headerReader()
  return {
    hasPartialFrame: () => held.length > 0,
    read(bytes) {
      const buffer = held.join(bytes)
      let at = 0
      // A length is believed only when the whole prelude is here, and its checksum is right.
      while (buffer.length - at >= PRELUDE_BYTES) {
        const length = uint32At(buffer, at)
        if (length < PRELUDE_BYTES + CRC_BYTES || length > MAX_FRAME_BYTES) {
          throw new Error('bad frame length')
        }
        const preludeCrc = crcOver(buffer, at, at + PRELUDE_BYTES - CRC_BYTES, CRC_START)
        if (uint32At(buffer, at + PRELUDE_BYTES - CRC_BYTES) !== crcOf(preludeCrc)) {
          throw new Error('bad prelude checksum')
        }
        if (buffer.length - at < length) break
        const end = at + length - CRC_BYTES
        const crc = crcOver(buffer, at + PRELUDE_BYTES - CRC_BYTES, end, preludeCrc)
        if (uint32At(buffer, end) !== crcOf(crc)) throw new Error('bad frame checksum')
        const headersEnd = at + PRELUDE_BYTES + uint32At(buffer, at + 4)
        if (headersEnd > end) throw new Error('bad headers length')
        const { messageType, type } = meaningOf(buffer, at + PRELUDE_BYTES, headersEnd)
        const payload = textDecoder.decode(buffer.subarray(headersEnd, end))
        onEvent({ messageType, type, payload })
        at += length
      }
      // Most reads are whole frames and nothing else.
      if (at < buffer.length || held.length > 0) held.hold(buffer.subarray(at))
    },
  }
}

type Meaning = Pick<AwsEvent, 'messageType' | 'type'>

/** The number in four bytes. A view of them would be an object for each frame. */
function uint32At(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  const low = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  return high * 0x1_0000 + low
}

/** Most frames of a stream have the headers of the one before, which are then not read again. */
function headerReader(): (buffer: Uint8Array, from: number, to: number) => Meaning {
  let known = new Uint8Array(0)
  let meaning: Meaning = { messageType: 'event', type: '' }
  return (buffer, from, to) => {
    if (!isAt(buffer, from, to, known)) {
      known = buffer.slice(from, to)
      meaning = meaningOfHeaders(known)
    }
    return meaning
  }
}

/** Whether a part of a buffer, `from` and `to` being places in it, holds just these bytes. */
function isAt(buffer: Uint8Array, from: number, to: number, bytes: Uint8Array): boolean {
  if (to - from !== bytes.length) return false
  for (let at = 0; at < bytes.length; at++) if (buffer[from + at] !== bytes[at]) return false
  return true
}

const STRING = 7
const BYTES = 6
/** How long a header's value is, by its type, where that does not stand before it. */
const VALUE_BYTES: Readonly<Record<number, number>> = {
  0: 0,
  1: 0,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  8: 8,
  9: 16,
}

function meaningOfHeaders(headers: Uint8Array): Meaning {
  const view = new DataView(headers.buffer, headers.byteOffset, headers.length)
  const values = new Map<string, string>()
  let at = 0
  const take = (length: number): Uint8Array => {
    if (at + length > headers.length) throw new Error('bad headers')
    at += length
    return headers.subarray(at - length, at)
  }
  const takeSized = (): Uint8Array => {
    take(2)
    return take(view.getUint16(at - 2))
  }
  while (at < headers.length) {
    const name = textDecoder.decode(take(take(1)[0] ?? 0))
    const type = take(1)[0] ?? 0
    const length = VALUE_BYTES[type]
    if (length !== undefined) take(length)
    else if (type === STRING) values.set(name, textDecoder.decode(takeSized()))
    else if (type === BYTES) takeSized()
    else throw new Error('a header of an unknown type')
  }
  return {
    messageType: values.get(':message-type') || 'event',
    type:
      values.get(':event-type') || values.get(':exception-type') || values.get(':error-code') || '',
  }
}

/** A frame that tells an AWS SDK of a failure in the stream. */
export function awsExceptionFrame(type: string, message: string): Uint8Array {
  const headers = [
    ...stringHeader(':message-type', 'exception'),
    ...stringHeader(':exception-type', type),
    ...stringHeader(':content-type', 'application/json'),
  ]
  const payload = textEncoder.encode(JSON.stringify({ message }))
  const length = PRELUDE_BYTES + headers.length + payload.length + CRC_BYTES
  const frame = new Uint8Array(length)
  const view = new DataView(frame.buffer)
  const sign = (end: number): void => view.setUint32(end, crcOf(crcOver(frame, 0, end, CRC_START)))
  view.setUint32(0, length)
  view.setUint32(4, headers.length)
  sign(PRELUDE_BYTES - CRC_BYTES)
  frame.set(headers, PRELUDE_BYTES)
  frame.set(payload, PRELUDE_BYTES + headers.length)
  sign(length - CRC_BYTES)
  return frame
}

/** ASCII shorter than 256 characters. */
function stringHeader(name: string, value: string): number[] {
  return [name.length, ...bytesOf(name), STRING, 0, value.length, ...bytesOf(value)]
}

function bytesOf(text: string): Uint8Array {
  return textEncoder.encode(text)
}
