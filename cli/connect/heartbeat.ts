import type { WebSocket } from 'ws'
import { PING } from '../../src/tunnel/limits.ts'

/** Asks regularly whether the other side is still there. */
export interface Heartbeat {
  /** To be called at every message: whatever comes shows that somebody is there. */
  readonly heard: () => void
  readonly stop: () => void
}

const PATIENCE_MS = 10_000

/** A ping leaves behind what waits to be sent: a network as slow as 256 kbit/s is not taken for a dead one. */
const SLOWEST_BYTES_PER_MS = 32

/** What it needs of a WebSocket. */
type Socket = Pick<WebSocket, 'bufferedAmount'> & { readonly send: (text: string) => void }

/** Pings every so often, and calls `onSilence` when nothing is heard after that in time. */
export function startHeartbeat(socket: Socket, everyMs: number, onSilence: () => void): Heartbeat {
  let silence: NodeJS.Timeout | undefined
  const pinging = setInterval(() => {
    const leavingMs = socket.bufferedAmount / SLOWEST_BYTES_PER_MS
    silence ??= setTimeout(onSilence, Math.min(PATIENCE_MS, everyMs) + leavingMs)
    socket.send(PING)
  }, everyMs)
  const heard = (): void => {
    clearTimeout(silence)
    silence = undefined
  }
  return {
    heard,
    stop() {
      clearInterval(pinging)
      heard()
    },
  }
}
