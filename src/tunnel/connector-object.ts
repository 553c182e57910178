import { DurableObject } from 'cloudflare:workers'
import type { HeldMemory } from './answer-body.ts'
import type { CallFailure } from './call.ts'
import { carryCall, type Fleet } from './carry-call.ts'
import {
  concurrent,
  type Connection,
  connectionOf,
  type ConnectionRecord,
  type ConnectionWorld,
} from './connection.ts'
import { answerOf, failureOf, outgoingOf } from './internal-http.ts'
import { CLOSE, MAX_CONNECTORS, PING, PONG, SUBPROTOCOL } from './limits.ts'
import {
  loadStanding,
  mayReturn,
  NO_STANDING,
  type StandingKeeper,
  type TunnelError,
} from './standing.ts'

/** How an endpoint that connectors dial in for is doing. */
export interface TunnelStatus {
  readonly online_connectors: number
  readonly connectors: readonly ConnectorStatus[]
  readonly last_error: TunnelError | null
  readonly last_success_at: string | null
}

export interface ConnectorStatus {
  readonly id: string
  readonly agent: string
  readonly target: string | null
  readonly models: readonly string[]
  readonly connected_at: string
  readonly in_flight: number
  readonly max_concurrent: number
  readonly is_leaving: boolean
}

/** The room that windows of fast readers may grow into, in the memory that this object has for all its calls. */
const GROWTH_BYTES = 12 * 1024 * 1024
/** No more calls are begun while so much waits for readers, or for connectors to accept it. */
const MAX_HELD_BYTES = 24 * 1024 * 1024
/** How often silent connections are looked for, while calls are open. */
const WATCH_MS = 2_000

/**
 * The meeting place of one endpoint: connectors dial in, calls are handed to them. Sockets hibernate, so an idle endpoint
 * costs nothing. Who may come in was decided before: `fetch` is not reachable but through `tunnel-fetch`.
 */
export class ConnectorObject extends DurableObject {
  readonly #connections = new Map<WebSocket, Connection>()
  readonly #memory: HeldMemory = { left: GROWTH_BYTES, heldBytes: 0 }
  readonly #waiting = new Set<() => void>()
  readonly #world: ConnectionWorld
  readonly #fleet: Fleet
  #standing: StandingKeeper | undefined
  #watch: ReturnType<typeof setInterval> | undefined

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    this.#world = this.#worldOfConnections()
    this.#fleet = this.#fleetForCalls()
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG))
    for (const socket of ctx.getWebSockets()) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only this object writes it
      const record = socket.deserializeAttachment() as ConnectionRecord | null
      if (record === null) continue
      this.#connections.set(socket, connectionOf(socket, record, this.#world))
    }
    void ctx.blockConcurrencyWhile(async () => {
      const isAnyOnline = this.#connections.size > 0
      this.#standing = await loadStanding(ctx.storage, () => Date.now(), isAnyOnline)
    })
  }

  /** A connector's upgrade on `/connect`, or a call under `/call`. */
  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    return pathname === '/connect' ? this.#accept(request) : await this.#call(request)
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#connections.get(socket)?.receive(message)
  }

  override webSocketClose(socket: WebSocket): void {
    this.#connections.get(socket)?.lost()
    try {
      // The other side waits for its close to be answered.
      socket.close()
    } catch {
      // It was a loss, not a close.
    }
  }

  override webSocketError(socket: WebSocket): void {
    this.#connections.get(socket)?.lost()
  }

  status(): TunnelStatus {
    this.#dropSilent()
    const online = [...this.#connections.values()].filter(({ record }) => record.hello !== null)
    const { lastError, lastSuccessAtMs } = this.#standing?.now ?? NO_STANDING
    return {
      online_connectors: online.length,
      connectors: online.map(statusOf),
      last_error: lastError,
      last_success_at: lastSuccessAtMs === null ? null : new Date(lastSuccessAtMs).toISOString(),
    }
  }

  /** Ends the connections whose token is not one of these any more. With none the endpoint is gone, and nothing is kept. */
  async retain(tokenHashes: readonly string[]): Promise<void> {
    for (const connection of this.#connections.values()) {
      if (!tokenHashes.includes(connection.record.tokenHash)) {
        connection.close(CLOSE.revoked, 'the token was revoked')
      }
    }
    if (tokenHashes.length === 0) await this.ctx.storage.deleteAll()
  }

  #accept(request: Request): Response {
    this.#dropSilent()
    if (this.#connections.size >= MAX_CONNECTORS) return new Response(null, { status: 409 })
    const [client, server] = Object.values(new WebSocketPair())
    if (client === undefined || server === undefined) throw new Error('no socket')
    const record: ConnectionRecord = {
      id: `con_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`,
      tokenHash: request.headers.get('x-keyway-token-hash') ?? '',
      openedAtMs: Date.now(),
      hello: null,
      isLeaving: false,
      usedStreams: 0,
    }
    this.ctx.acceptWebSocket(server)
    server.serializeAttachment(record)
    this.#connections.set(server, connectionOf(server, record, this.#world))
    const headers = { 'sec-websocket-protocol': SUBPROTOCOL }
    return new Response(null, { status: 101, webSocket: client, headers })
  }

  async #call(request: Request): Promise<Response> {
    const outgoing = outgoingOf(request, this.#memory)
    if (outgoing === undefined) return failureOf({ code: 'too_large' })
    this.#watch ??= setInterval(() => this.#look(), WATCH_MS)
    this.#dropSilent()
    const outcome = await carryCall(outgoing, this.#fleet, request.signal)
    if (outcome.kind === 'answer') {
      if (outcome.head.status < 400) this.#standing?.change({ lastSuccessAtMs: Date.now() })
      return answerOf(outcome)
    }
    outgoing.body?.cancel()
    this.#note(outcome)
    return failureOf(outcome)
  }

  /** Runs while calls are open, and keeps the object awake no longer than that. */
  #look(): void {
    this.#dropSilent()
    const isBusy = [...this.#connections.values()].some(({ inFlight }) => inFlight > 0)
    if (isBusy || this.#waiting.size > 0) return
    if (this.#watch !== undefined) clearInterval(this.#watch)
    this.#watch = undefined
  }

  #dropSilent(): void {
    for (const connection of this.#connections.values()) {
      if (connection.isSilent) connection.close(CLOSE.silent, 'nothing was heard for too long')
    }
  }

  #note({ code, message }: Pick<CallFailure, 'code' | 'message'>): void {
    if (code === 'cancelled') return
    const at = new Date().toISOString()
    this.#standing?.change({ lastError: { code, message: message ?? '', at } })
  }

  #worldOfConnections(): ConnectionWorld {
    return {
      memory: this.#memory,
      nowMs: () => Date.now(),
      pingedAtMs: (socket) => this.ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0,
      onReady: () => {
        this.#standing?.change({ goneAtMs: null })
        for (const wake of this.#waiting) wake()
      },
      onGone: (connection, message) => {
        for (const [socket, other] of this.#connections) {
          if (other === connection) this.#connections.delete(socket)
        }
        if (message !== undefined) this.#note({ code: 'connection', message })
        if (this.#connections.size === 0) this.#standing?.change({ goneAtMs: Date.now() })
      },
      onBroken: (failure) => this.#note(failure),
    }
  }

  #fleetForCalls(): Fleet {
    return {
      ready: () => [...this.#connections.values()].filter(({ isReady }) => isReady),
      hasMemory: () => this.#memory.heldBytes < MAX_HELD_BYTES,
      nextConnector: (withinMs) => this.#nextConnector(withinMs),
      mayReturn: () => mayReturn(this.#standing?.now, Date.now()),
      nowMs: () => Date.now(),
    }
  }

  #nextConnector(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, withinMs)
      this.#waiting.add(wake)
    })
  }
}

function statusOf({ record, inFlight }: Connection): ConnectorStatus {
  const { id, hello, openedAtMs, isLeaving } = record
  return {
    id,
    agent: hello?.agent ?? '',
    target: hello?.target ?? null,
    models: hello?.models ?? [],
    connected_at: new Date(openedAtMs).toISOString(),
    in_flight: inFlight,
    max_concurrent: hello === null ? 0 : concurrent(hello),
    is_leaving: isLeaving,
  }
}
