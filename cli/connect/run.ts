import type { Machine } from '../machine.ts'
import { type ConnectorOptions, startConnector } from './connector.ts'
import { createDisplay } from './display.ts'

export interface RunOptions extends Omit<ConnectorOptions, 'note' | 'onLeave' | 'random'> {
  readonly isJson: boolean
  /** How long calls that run may go on when this program is to stop. */
  readonly drainMs: number
  /** What its owner should know from the start. */
  readonly warnings: readonly string[]
}

/** One Ctrl-C comes several times: from the terminal to each process of its group, and from npm and the launcher once more. */
const ECHO_MS = 1_000

/**
 * Runs a connector until it is told to stop: then it takes no more calls, lets those that run finish for a while, and
 * cuts off the rest. Told once more after a second, it stops at once. Rejects where going on is useless.
 */
export async function runConnector(machine: Machine, options: RunOptions): Promise<void> {
  const { isJson, drainMs, warnings, place, connections, clock } = options
  const connector = startConnector({
    ...options,
    note: (happening) => display.note(happening),
    onLeave: () => leave(),
    random: machine.random,
  })
  const display = createDisplay(machine, {
    endpoint: place.endpoint,
    connections,
    isJson,
    running: () => connector.running,
  })
  for (const message of warnings) display.note({ event: 'warning', message })
  let unfinished: number | undefined
  let deadline: NodeJS.Timeout | undefined
  const cutOff = (): void => {
    // Afterwards none runs any more.
    unfinished ??= connector.running
    connector.close()
  }
  const leave = (): void => {
    deadline ??= setTimeout(cutOff, drainMs)
    display.note({ event: 'draining', running: connector.running })
  }
  let toldAt: number | undefined
  machine.onStop(() => {
    const now = clock()
    if (toldAt === undefined) {
      toldAt = now
      leave()
      connector.drain()
    } else if (now - toldAt > ECHO_MS) cutOff()
  })
  try {
    await connector.ended
  } finally {
    if (deadline) display.note({ event: 'stopped', unfinished: unfinished ?? 0 })
    clearTimeout(deadline)
    display.close()
  }
}
