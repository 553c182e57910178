/**
 * The frames of `byom-tunnel/1`, written for tests from docs/tunnel.md alone: what they say about the connector's frames
 * is a second opinion.
 */

export const TYPE = {
  hello: 1,
  welcome: 2,
  goaway: 3,
  request: 4,
  accepted: 5,
  alive: 6,
  response: 7,
  data: 8,
  window: 9,
  reset: 10,
} as const

export interface RawFrame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

export const LAST = 1

/** One frame; an object is its payload as JSON, a number as u32. */
export function frame(
  type: keyof typeof TYPE | number,
  stream = 0,
  payload: Buffer | object | number = Buffer.alloc(0),
  flags = 0,
): Buffer {
  const bytes = bytesOf(payload)
  const head = Buffer.alloc(10)
  head.writeUInt8(typeof type === 'number' ? type : TYPE[type], 0)
  head.writeUInt8(flags, 1)
  head.writeUInt32BE(stream, 2)
  head.writeUInt32BE(bytes.length, 6)
  return Buffer.concat([head, bytes])
}

function bytesOf(payload: Buffer | object | number): Buffer {
  if (typeof payload === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(payload)
    return bytes
  }
  return Buffer.from(payload instanceof Uint8Array ? payload : JSON.stringify(payload))
}

/** The frames of one message. Throws when it is not made of whole ones. */
export function framesIn(message: Buffer): RawFrame[] {
  const frames: RawFrame[] = []
  let rest = message
  while (rest.length > 0) {
    const length = rest.readUInt32BE(6)
    if (rest.length < 10 + length || length > 65_536) throw new Error('not a whole frame')
    frames.push({
      type: rest.readUInt8(0),
      flags: rest.readUInt8(1),
      stream: rest.readUInt32BE(2),
      payload: rest.subarray(10, 10 + length),
    })
    rest = rest.subarray(10 + length)
  }
  return frames
}
