import {
  frame,
  type Heard,
  joined,
  type Json,
  type TestConnector,
  uint32,
} from './test-connector.ts'

/** A request as the model would get it. */
export interface Asked {
  readonly stream: number
  readonly head: Json
  readonly body: Uint8Array
}

export interface Answer {
  readonly status?: number
  readonly headers?: readonly (readonly [string, string])[]
  /** What the model writes, piece by piece. */
  readonly pieces: Iterable<Uint8Array>
}

/** What an honest connector is doing. */
export interface Serving {
  /** Bytes of data sent, by stream. */
  readonly sent: ReadonlyMap<number, number>
  /** Streams that the gateway gave up. */
  readonly resets: ReadonlySet<number>
}

const MAX_PAYLOAD = 65_536
/** What a connector that says nothing of it lets the gateway send. */
export const WINDOW = 262_144

interface Stream {
  readonly head: Json
  readonly parts: Uint8Array[]
  credit: number
  wake: () => void
  isReset: boolean
}

/** Takes every request whole, grants as it takes, and answers as far as its credit goes. */
export function serve(connector: TestConnector, model: (asked: Asked) => Answer): Serving {
  const window = Number(Reflect.get(connector, 'welcome').window)
  const streams = new Map<number, Stream>()
  const sent = new Map<number, number>()
  const resets = new Set<number>()

  const data = async (stream: number, bytes: Uint8Array): Promise<void> => {
    const state = streams.get(stream)
    if (state === undefined) return
    for (let at = 0; at < bytes.length;) {
      while (state.credit === 0 && !state.isReset) {
        await new Promise<void>((resolve) => {
          state.wake = resolve
        })
      }
      if (state.isReset) return
      const part = bytes.subarray(at, at + Math.min(state.credit, MAX_PAYLOAD))
      state.credit -= part.length
      at += part.length
      sent.set(stream, (sent.get(stream) ?? 0) + part.length)
      connector.send('DATA', stream, part)
    }
  }

  const answer = async (stream: number, { head, parts }: Stream): Promise<void> => {
    const { status = 200, headers = [], pieces } = model({ stream, head, body: joined(...parts) })
    connector.send('RESPONSE', stream, { status, headers })
    for (const piece of pieces) await data(stream, piece)
    if (!resets.has(stream)) connector.send('DATA', stream, '', 1)
    streams.delete(stream)
  }

  const hear = ({ name, stream, payload, json, isLast }: Heard): void => {
    if (name === 'REQUEST') {
      streams.set(stream, { head: json, parts: [], credit: window, wake: () => {}, isReset: false })
      connector.send('ACCEPTED', stream)
    }
    const state = streams.get(stream)
    if (state === undefined) return
    if (name === 'DATA' && payload.length > 0) {
      state.parts.push(payload)
      connector.socket.send(frame('WINDOW', stream, uint32(payload.length)))
    }
    if (name === 'WINDOW') state.credit += new DataView(payload.buffer).getUint32(0)
    if (name === 'RESET') {
      state.isReset = true
      resets.add(stream)
    }
    state.wake()
    if (isLast) void answer(stream, state)
  }

  connector.on(hear)
  return { sent, resets }
}
