import { SELF } from 'cloudflare:test'

/**
 * A connector that shares no code with Keyway: frames are put together and taken apart by hand, as docs/tunnel.md says,
 * so that both sides cannot be wrong in the same way.
 */

export const CODES = {
  HELLO: 1,
  WELCOME: 2,
  GOAWAY: 3,
  REQUEST: 4,
  ACCEPTED: 5,
  ALIVE: 6,
  RESPONSE: 7,
  DATA: 8,
  WINDOW: 9,
  RESET: 10,
} as const

/** What a payload says, as far as the tests look. */
export interface Json {
  readonly code?: string
  readonly method?: string
  readonly path?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly connection?: string
  readonly window?: number
  readonly max_concurrent?: number
}

export type Name = keyof typeof CODES

export interface Heard {
  readonly name: Name
  readonly isLast: boolean
  readonly stream: number
  readonly payload: Uint8Array
  readonly json: Json
}

export function frame(
  name: Name | number,
  stream: number,
  payload: object | string | Uint8Array = new Uint8Array(0),
  flags = 0,
): Uint8Array<ArrayBuffer> {
  const bytes =
    payload instanceof Uint8Array
      ? payload
      : new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload))
  const message = new Uint8Array(10 + bytes.length)
  const view = new DataView(message.buffer)
  view.setUint8(0, typeof name === 'number' ? name : CODES[name])
  view.setUint8(1, flags)
  view.setUint32(2, stream)
  view.setUint32(6, bytes.length)
  message.set(bytes, 10)
  return message
}

export function uint32(value: number): Uint8Array {
  return new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value])
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function heard(message: ArrayBuffer): Heard[] {
  const view = new DataView(message)
  const frames: Heard[] = []
  for (let at = 0; at < message.byteLength;) {
    const length = view.getUint32(at + 6)
    const payload = new Uint8Array(message.slice(at + 10, at + 10 + length))
    const code = view.getUint8(at)
    const name = (Object.keys(CODES) as Name[]).find((known) => CODES[known] === code)
    if (name === undefined) throw new Error(`the gateway sent a frame of type ${code}`)
    const text = new TextDecoder().decode(payload)
    const json = (name !== 'DATA' && text.startsWith('{') ? JSON.parse(text) : {}) as Json
    frames.push({
      name,
      isLast: view.getUint8(at + 1) === 1,
      stream: view.getUint32(at + 2),
      payload,
      json,
    })
    at += 10 + length
  }
  return frames
}

export interface DialOptions {
  readonly token?: string
  readonly endpoint?: string
  readonly protocol?: string | null
  readonly upgrade?: boolean
}

/** The answer to dialling in, whatever it is. */
export function dial({ token, endpoint, protocol = 'byom-tunnel.1', upgrade = true }: DialOptions) {
  const query = endpoint === undefined ? '' : `?endpoint=${endpoint}`
  return SELF.fetch(`https://keyway.test/v1/tunnels/connect${query}`, {
    headers: {
      ...(upgrade && { upgrade: 'websocket' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(protocol !== null && { 'sec-websocket-protocol': protocol }),
    },
  })
}

/** A connector that is online, and what it hears. */
export class TestConnector {
  readonly socket: WebSocket
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #frames: Heard[] = []
  readonly #waiters: (() => void)[] = []
  #react: ((frame: Heard) => void) | undefined

  /** With `answersClose` false it keeps its side open for as long as it likes. */
  constructor(socket: WebSocket, { answersClose = true } = {}) {
    this.socket = socket
    socket.binaryType = 'arraybuffer'
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>()
    this.closed = promise
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }))
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') return
      for (const one of heard(data as ArrayBuffer)) {
        if (this.#react) this.#react(one)
        else this.#frames.push(one)
      }
      for (const wake of this.#waiters.splice(0)) wake()
    })
    socket.accept({ allowHalfOpen: !answersClose })
  }

  /** Hears every frame from now on, the ones that wait first. */
  on(react: (frame: Heard) => void): void {
    this.#react = react
    for (const one of this.#frames.splice(0)) react(one)
  }

  send(...args: Parameters<typeof frame>): void {
    this.socket.send(frame(...args))
  }

  /** The next frame with this name that was not asked for before; of this stream, where one is named. */
  async next(name: Name, stream?: number): Promise<Heard> {
    for (;;) {
      const index = this.#frames.findIndex(
        (one) => one.name === name && (stream === undefined || one.stream === stream),
      )
      const [found] = index === -1 ? [] : this.#frames.splice(index, 1)
      if (found) return found
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve)
      })
    }
  }

  /** What was heard and not asked for. */
  get waiting(): readonly Heard[] {
    return this.#frames
  }
}

/** Dials in, says HELLO and waits for WELCOME. */
export async function connect(
  { answersClose = true, ...options }: DialOptions & { readonly answersClose?: boolean },
  hello: object = {},
): Promise<TestConnector & { welcome: Json }> {
  const response = await dial(options)
  if (response.webSocket === null) throw new Error(`refused: ${await response.text()}`)
  const connector = new TestConnector(response.webSocket, { answersClose })
  connector.send('HELLO', 0, { agent: 'test/1', ...hello })
  const { json } = await connector.next('WELCOME')
  return Object.assign(connector, { welcome: json })
}
