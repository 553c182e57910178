import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { GOOGLE_PROJECT } from './exchanges.ts'
import { keepProcess, type Served } from './kept-process.ts'

export interface ReplayOptions {
  /** Events of text in each streamed answer. */
  readonly deltas: number
  /** Milliseconds between them; 0 sends all at once. */
  readonly gapMs: number
  /** Streams stay open, silent, behind the last event of their text. */
  readonly isHeld?: boolean
}

export interface Replay extends Served {
  /** Streams that begin from now on come at this pace. */
  pace(gapMs: number): Promise<void>
}

/** The benchmarks' upstream as a process of its own. */
export async function startReplay({
  deltas,
  gapMs,
  isHeld = false,
}: ReplayOptions): Promise<Replay> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'replay-upstream.ts')], {
    env: {
      ...process.env,
      DELTAS: String(deltas),
      GAP_MS: String(gapMs),
      HELD: String(isHeld),
      GOOGLE_PROJECT,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kept = keepProcess(child)
  const port = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the upstream ended with ${code}`)))
    createInterface(child.stdout).once('line', resolve)
  })
  const url = `http://127.0.0.1:${port}`
  return {
    ...kept,
    url,
    async pace(newGapMs) {
      await (await fetch(`${url}/pace?gap_ms=${newGapMs}`)).text()
    },
  }
}
