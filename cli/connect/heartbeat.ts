import type { WebSocket } from 'ws'
import { PING } from '../../src/tunnel/limits.ts'

/** Asks regularly whether the other side is still there. */
export interface Heartbeat {
  readonly onPong: () => void
  readonly stop: () => void
}

const PATIENCE_MS = 10_000

/** Pings every so often, and calls `onSilence` when a ping is not answered in time. */
export function startHeartbeat(
  socket: WebSocket,
  everyMs: number,
  onSilence: () => void,
): Heartbeat {
  let silence: NodeJS.Timeout | undefined
  const pinging = setInterval(() => {
    silence ??= setTimeout(onSilence, Math.min(PATIENCE_MS, everyMs))
    socket.send(PING)
  }, everyMs)
  const onPong = (): void => {
    clearTimeout(silence)
    silence = undefined
  }
  return {
    onPong,
    stop() {
      clearInterval(pinging)
      onPong()
    },
  }
}
