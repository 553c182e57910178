import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { onLoopback } from '../support/loopback.ts'
import { type FakeStream, fakeStream } from './fake-stream.ts'
import { frame, framesIn, TYPE } from './tunnel-frames.ts'

/** The Worker's side of the tunnel as a connector sees it. It knows docs/tunnel.md, and nothing of `src/`. */
export interface FakeKeyway extends AsyncDisposable {
  readonly url: string
  /** The next connector that dialled in, welcomed. */
  readonly connector: () => Promise<FakeConnector>
  /** Answers the next attempts to dial in with these statuses, in turn, and takes those after them. */
  readonly refuse: (...refusals: readonly Refusal[]) => void
  /** How often somebody tried to dial in. */
  readonly attempts: () => number
}

export interface Refusal {
  readonly status: number
  readonly body?: string
  /** A header, with its name. */
  readonly header?: string
}

export interface FakeConnector {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly hello: Readonly<Record<string, unknown>>
  readonly pings: () => number
  /** The other side's GOAWAY. */
  readonly goaway: Promise<unknown>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  /** Opens a stream. A body that is given is sent as far as there is credit. */
  readonly call: (options?: CallOptions) => FakeStream
  /** Sends bytes or text as they are. */
  readonly send: (message: Buffer | string) => void
  readonly close: (code: number, reason?: string) => void
  /** Waits until the other side has taken all that was sent, without a message that it could hear. */
  readonly flush: () => Promise<void>
}

export interface CallOptions {
  readonly method?: string
  readonly path?: string
  readonly headers?: readonly (readonly [string, string])[]
  /** Empty: REQUEST is the last frame. */
  readonly body?: Buffer | string
}

export interface FakeTerms {
  readonly window?: number
  readonly ping_ms?: number
  readonly alive_ms?: number
  readonly max_concurrent?: number
  /** Does not answer `ping`. */
  readonly isMute?: boolean
}

export async function startFakeKeyway(
  terms: FakeTerms = {},
  tls?: { readonly cert: string; readonly key: string },
): Promise<FakeKeyway> {
  const refusals: Refusal[] = []
  const arrived = queue<FakeConnector>()
  let attempts = 0
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 1024 * 1024,
  })
  const answer: RequestListener = (request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(request.url === '/health' ? { status: 'ok' } : {}))
  }
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    attempts += 1
    const refusal = refusals.shift()
    if (refusal) {
      const { status, body = JSON.stringify({ error: { message: 'no', code: 'no' } }) } = refusal
      const more = refusal.header === undefined ? '' : `\r\n${refusal.header}`
      socket.end(
        `HTTP/1.1 ${status} No\r\nconnection: close\r\ncontent-length: ${body.length}${more}\r\n\r\n${body}`,
      )
      return
    }
    if (request.headers['sec-websocket-protocol'] !== 'byom-tunnel.1') throw new Error('protocol')
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      greet(webSocket, request, terms, arrived.put)
    })
  })
  const { port, [Symbol.asyncDispose]: close } = await onLoopback(server)
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    connector: arrived.take,
    refuse: (...more) => void refusals.push(...more),
    attempts: () => attempts,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      await close()
    },
  }
}

function greet(
  socket: WebSocket,
  { url = '', headers }: IncomingMessage,
  terms: FakeTerms,
  onGreeted: (connector: FakeConnector) => void,
): void {
  const { window = 65_536, ping_ms = 20_000, alive_ms = 5_000, max_concurrent = 64 } = terms
  const streams = new Map<number, FakeStream>()
  const goaway = Promise.withResolvers<unknown>()
  const closed = Promise.withResolvers<{ code: number; reason: string }>()
  let lastStream = 0
  let pings = 0
  let uploadWindow = 0
  const send = (message: Buffer | string): void => socket.send(message)

  socket.on('error', () => undefined)
  socket.on('close', (code, reason) => {
    for (const stream of streams.values()) stream.lose()
    closed.resolve({ code, reason: reason.toString() })
  })
  socket.on('message', (data: RawData, isBinary) => {
    if (!isBinary) {
      pings += 1
      if (terms.isMute !== true) send('pong')
      return
    }
    for (const { type, flags, stream, payload } of framesIn(data as Buffer)) {
      if (type === TYPE.hello) {
        const hello = JSON.parse(payload.toString()) as { window: number }
        uploadWindow = hello.window
        const said = { connection: 'c1', window, ping_ms, alive_ms, max_concurrent }
        send(frame('welcome', 0, said))
        onGreeted(connectorWith({ ...hello }))
      } else if (type === TYPE.goaway) goaway.resolve(JSON.parse(payload.toString()))
      else streams.get(stream)?.receive({ type, flags, stream, payload })
    }
  })

  function connectorWith(hello: Readonly<Record<string, unknown>>): FakeConnector {
    return {
      path: url,
      headers,
      hello,
      pings: () => pings,
      goaway: goaway.promise,
      closed: closed.promise,
      send,
      close: (code, reason) => socket.close(code, reason),
      flush() {
        const { promise, resolve } = Promise.withResolvers<void>()
        socket.once('pong', () => resolve())
        socket.ping()
        return promise
      },
      call({ method = 'POST', path = '/v1/chat/completions', headers: more = [], body = '' } = {}) {
        lastStream += 1
        const bytes = Buffer.from(body)
        const stream = fakeStream(lastStream, { send, window, uploadWindow, body: bytes })
        streams.set(lastStream, stream)
        const head = { method, path, headers: more }
        send(frame('request', lastStream, head, bytes.length === 0 ? 1 : 0))
        stream.upload()
        return stream
      },
    }
  }
}

/** Hands over one thing after another to whoever waits. */
export function queue<Item>(): {
  readonly put: (item: Item) => void
  readonly take: () => Promise<Item>
} {
  const items: Item[] = []
  const waiting: ((item: Item) => void)[] = []
  return {
    put(item) {
      const next = waiting.shift()
      if (next) next(item)
      else items.push(item)
    },
    take() {
      const item = items.shift()
      return item === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(item)
    },
  }
}
