import { WebSocket } from 'ws'
import type { Hello } from '../../src/tunnel/frame-json.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { CallsOptions } from './calls.ts'
import { type Connection, serve } from './connection.ts'
import { dial, type DialPlace } from './dial.ts'
import type { Happening } from './happening.ts'
import { reconnectDelayMs, STABLE_MS } from './reconnect-delay.ts'

/** A running connector: it keeps its connections to Keyway, whatever happens to them. */
export interface Connector {
  /** Calls that are not over. */
  readonly running: number
  /** Resolves when it has stopped; rejects with a `Failure` that no other attempt can help against. */
  readonly ended: Promise<void>
  /** Takes no more calls, and stops when those that run are over. */
  readonly drain: () => void
  /** Stops now. */
  readonly close: () => void
}

export interface ConnectorOptions extends Omit<CallsOptions, 'onRequest'> {
  readonly place: DialPlace
  /** How many connections it keeps. */
  readonly connections: number
  /** Read anew for each connection. */
  readonly token: () => Promise<string>
  readonly hello: () => Promise<Hello>
  readonly note: (happening: Happening) => void
  /** Called when it begins to drain by itself, since a connection ended for good while others have calls. */
  readonly onLeave: () => void
  readonly random: () => number
  /** Waits, but no longer than until the signal. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>
}

/** Why there is no connection any more, or none yet. */
interface Lost {
  readonly reason: string
  /** What somebody could do about it. */
  readonly advice?: string | undefined
  /** How long it was one that Keyway had welcomed. */
  readonly heldMs?: number
  /** What to stop with, where another attempt is useless. */
  readonly failure?: Failure
}

/** Starts a connector. */
export function startConnector(options: ConnectorOptions): Connector {
  const { note, clock } = options
  const live = new Set<Connection>()
  const stopping = new AbortController()
  const { signal } = stopping

  /** Connects, and stays connected as long as it goes. */
  async function connectOnce(index: number): Promise<Lost> {
    const startedAt = clock()
    const hello = await options.hello()
    const opened = await open(options, signal)
    if (!('socket' in opened)) return opened
    const { socket, secret } = opened
    if (signal.aborted) {
      socket.terminate()
      return { reason: '' }
    }
    const connection = serve(socket, {
      ...options,
      hello,
      onRequest: (finished) => note({ event: 'request', connection: index, ...finished }),
    })
    live.add(connection)
    void connection.closed.then(() => live.delete(connection))
    const isWelcome = await connection.welcomed
    const welcomedAt = clock()
    if (isWelcome) {
      note({ event: 'connected', connection: index, ms: Math.round(welcomedAt - startedAt) })
    }
    const { reason, isRevoked } = await connection.retired
    const lost = { reason, heldMs: isWelcome ? clock() - welcomedAt : 0 }
    if (!isRevoked || (await isReplaced(secret, options, signal))) return lost
    const advice = 'keyway endpoints connector-token NAME makes another.'
    return { ...lost, failure: new Failure(EXIT.unauthenticated, reason, { advice }) }
  }

  async function keepConnected(index: number): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      const { reason, advice, failure, heldMs = 0 } = await connectOnce(index)
      if (signal.aborted) return
      if (failure) {
        note({ event: 'disconnected', connection: index, reason })
        throw failure
      }
      if (heldMs > STABLE_MS) failures = 0
      const retryInMs = reconnectDelayMs(failures, options.random)
      failures += 1
      const told = advice === undefined ? { reason } : { reason, advice }
      note({ event: 'disconnected', connection: index, ...told, retryInMs })
      await options.wait(retryInMs, signal).catch(() => undefined)
    }
  }

  function stop(how: (connection: Connection) => void): void {
    stopping.abort()
    for (const connection of live) how(connection)
  }

  async function run(): Promise<void> {
    try {
      await Promise.all(
        Array.from({ length: options.connections }, (_, at) => keepConnected(at + 1)),
      )
    } finally {
      // What is useless for one connection does not have to be so for calls that run on another.
      if (!signal.aborted) {
        stop((connection) => connection.drain())
        if (live.size > 0) options.onLeave()
      }
      await Promise.all([...live].map((connection) => connection.closed))
    }
  }

  return {
    get running() {
      return [...live].reduce((sum, connection) => sum + connection.running, 0)
    },
    ended: run(),
    drain: () => stop((connection) => connection.drain()),
    close: () => stop((connection) => connection.close()),
  }
}

/** An open socket, and the token that it was opened with. */
interface Opened {
  readonly socket: WebSocket
  readonly secret: string
}

async function open(options: ConnectorOptions, signal: AbortSignal): Promise<Opened | Lost> {
  let secret: string
  try {
    secret = await options.token()
  } catch (error) {
    // A file that is just being replaced is there again at the next attempt.
    if (error instanceof Failure) return { reason: error.message, advice: error.details.advice }
    throw error
  }
  const socket = await dial(options.place, secret)
  if (socket instanceof WebSocket) return { socket, secret }
  const { failure, isFinal } = socket
  const { message: reason, details } = failure
  const isOver = isFinal && !(await isReplaced(secret, options, signal))
  return isOver ? { reason, failure } : { reason, advice: details.advice }
}

/** A file that is being replaced has a token again within seconds. */
const MAX_LOOKS = 6

/** Whether there is another token by now than the one that Keyway did not want. */
async function isReplaced(
  secret: string,
  { token, wait, random }: ConnectorOptions,
  signal: AbortSignal,
): Promise<boolean> {
  for (let looks = 1; ; looks += 1) {
    try {
      return (await token()) !== secret
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
    if (looks === MAX_LOOKS) return false
    await wait(reconnectDelayMs(looks - 1, random), signal).catch(() => undefined)
  }
}
