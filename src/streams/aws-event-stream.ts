import { EventStreamCodec } from '@smithy/eventstream-codec'
import { heldBytes } from './held-bytes.ts'

/**
 * Amazon's binary event stream: `[length u32][headers length u32][CRC][headers][payload][CRC]`.
 * https://docs.aws.amazon.com/lexv2/latest/dg/event-stream-encoding.html
 */
const PRELUDE_BYTES = 12
const MAX_FRAME_BYTES = 16 * 1024 * 1024

const textDecoder = new TextDecoder()
const textEncoder = new TextEncoder()
const codec = new EventStreamCodec(
  (bytes: Uint8Array) => textDecoder.decode(bytes),
  (text) => textEncoder.encode(text),
)

export interface AwsEvent {
  /** `event`, or `exception` or `error` for a failure in the stream. */
  readonly messageType: string
  /** The event's or the exception's name. */
  readonly type: string
  readonly payload: string
}

/** Gathers bytes split anywhere into whole frames, both checksums verified. */
export interface AwsFrameReader {
  /** The events that these bytes complete. Throws on bytes that are no frame. */
  read(bytes: Uint8Array): AwsEvent[]
  /** Whether a frame has begun and is not whole yet. */
  readonly hasPartialFrame: boolean
}

export function awsFrameReader(): AwsFrameReader {
  const held = heldBytes()
  return {
    get hasPartialFrame() {
      return held.length > 0
    },
    read(bytes) {
      const buffer = held.join(bytes)
      const events: AwsEvent[] = []
      let at = 0
      // A length is believed only when the whole prelude is here.
      while (buffer.length - at >= PRELUDE_BYTES) {
        const length = frameLength(buffer, at)
        if (buffer.length - at < length) break
        events.push(decodeFrame(buffer.subarray(at, at + length)))
        at += length
      }
      held.hold(buffer.subarray(at))
      return events
    },
  }
}

/** A frame that tells an AWS SDK of a failure in the stream. */
export function awsExceptionFrame(type: string, message: string): Uint8Array {
  return codec.encode({
    headers: {
      ':message-type': { type: 'string', value: 'exception' },
      ':exception-type': { type: 'string', value: type },
      ':content-type': { type: 'string', value: 'application/json' },
    },
    body: textEncoder.encode(JSON.stringify({ message })),
  })
}

function frameLength(buffer: Uint8Array, at: number): number {
  const length = new DataView(buffer.buffer, buffer.byteOffset + at, 4).getUint32(0)
  if (length < PRELUDE_BYTES + 4 || length > MAX_FRAME_BYTES) throw new Error('bad frame length')
  return length
}

function decodeFrame(frame: Uint8Array): AwsEvent {
  const { headers, body } = codec.decode(frame)
  const header = (name: string): string => {
    const value = headers[name]
    return value?.type === 'string' ? value.value : ''
  }
  return {
    messageType: header(':message-type') || 'event',
    type: header(':event-type') || header(':exception-type') || header(':error-code'),
    payload: textDecoder.decode(body),
  }
}
