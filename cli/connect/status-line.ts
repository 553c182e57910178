import type { Happening } from './happening.ts'

/** The line that says how the connector is doing, as it changes. */
export interface Status {
  readonly endpoint: string
  readonly connections: number
  readonly startedAt: number
  readonly connected: ReadonlySet<number>
  readonly done: number
  readonly failed: number
  readonly isDraining: boolean
}

export function newStatus(endpoint: string, connections: number, startedAt: number): Status {
  const none = { connected: new Set<number>(), done: 0, failed: 0, isDraining: false }
  return { endpoint, connections, startedAt, ...none }
}

/** The status after something happened. */
export function statusAfter(status: Status, happening: Happening): Status {
  switch (happening.event) {
    case 'connected':
      return { ...status, connected: new Set([...status.connected, happening.connection]) }
    case 'disconnected': {
      const others = [...status.connected].filter((one) => one !== happening.connection)
      return { ...status, connected: new Set(others) }
    }
    case 'request':
      return happening.outcome === 'done'
        ? { ...status, done: status.done + 1 }
        : { ...status, failed: status.failed + (happening.outcome === 'cancelled' ? 0 : 1) }
    case 'draining':
      return { ...status, isDraining: true }
    case 'warning':
    case 'stopped':
      return status
    default:
      return happening satisfies never
  }
}

/** `lab · connected · 3 running · 128 done · 1 failed · up 2 h 5 min` */
export function statusText(status: Status, running: number, now: number): string {
  const { endpoint, done, failed, isDraining } = status
  const parts = [
    endpoint,
    isDraining ? 'finishing' : connectedText(status),
    `${running} running`,
    `${done} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    `up ${duration(now - status.startedAt)}`,
  ]
  return parts.join(' · ')
}

function connectedText({ connected, connections }: Status): string {
  if (connected.size === 0) return 'not connected'
  return connections === 1 ? 'connected' : `connected ${connected.size}/${connections}`
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return `${Math.floor(ms / 1000)} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 1) return `${minutes} min`
  return hours < 48
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** What stands above the status line for good: whatever is not as it should be. Undefined for the rest. */
export function remarkText(happening: Happening): string | undefined {
  switch (happening.event) {
    case 'disconnected': {
      const { reason, advice, retryInMs } = happening
      const told = advice === undefined ? reason : `${reason} ${advice}`
      return retryInMs === undefined ? told : `${told} Trying again in ${seconds(retryInMs)}.`
    }
    case 'request': {
      const { outcome, method, path, ms, status } = happening
      if (outcome === 'done' || outcome === 'cancelled') return undefined
      const answer = status === undefined ? '' : ` after ${status}`
      return `${method} ${path} ended${answer}: ${outcome} (${seconds(ms)})`
    }
    case 'warning':
      return happening.message
    case 'stopped':
      return happening.unfinished === 0
        ? undefined
        : `${happening.unfinished} requests were cut off.`
    case 'connected':
    case 'draining':
      return undefined
    default:
      return happening satisfies never
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
