import type { Machine, Terminal } from '../machine.ts'
import { printable } from '../printable.ts'
import type { Happening } from './happening.ts'
import { jsonLine } from './json-log.ts'
import { newStatus, remarkText, statusAfter, statusText } from './status-line.ts'

/** Shows what happens to a connector. */
export interface Display {
  readonly note: (happening: Happening) => void
  readonly close: () => void
}

export interface DisplayOptions {
  readonly endpoint: string
  readonly connections: number
  /** How many calls run now. */
  readonly running: () => number
  readonly isJson: boolean
}

/** A line that changes where somebody watches, with remarks above it; else lines of JSON, for programs. */
export function createDisplay(machine: Machine, options: DisplayOptions): Display {
  const { terminal, tell, now } = machine
  if (terminal && !options.isJson) return liveDisplay(machine, terminal, options)
  return {
    note: (happening) => tell(jsonLine(happening, options.endpoint, now())),
    close: () => undefined,
  }
}

const EVERY_MS = 1_000

/** Begin the line again, and clear it (ECMA-48 EL). */
const CLEAR = '\r\u001B[K'

function liveDisplay(
  { now }: Machine,
  { columns, write }: Terminal,
  { endpoint, connections, running }: DisplayOptions,
): Display {
  let status = newStatus(endpoint, connections, now().getTime())
  const draw = (remark?: string): void => {
    // A line that is too long would not be cleared whole.
    const line = statusText(status, running(), now().getTime()).slice(0, columns() - 1)
    write(`${CLEAR}${remark === undefined ? '' : `${printable(remark)}\n`}${line}`)
  }
  const drawing = setInterval(draw, EVERY_MS)
  draw()
  return {
    note(happening) {
      status = statusAfter(status, happening)
      draw(remarkText(happening))
    },
    close() {
      clearInterval(drawing)
      write('\n')
    },
  }
}
