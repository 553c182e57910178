import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'

/** The benchmarks' upstream as a process of its own. */
export interface Replay extends AsyncDisposable {
  readonly url: string
  readonly pid: number
}

export interface ReplayOptions {
  readonly deltas: number
  readonly gapMs: number
  readonly googleProject: string
}

export async function startReplay({
  deltas,
  gapMs,
  googleProject,
}: ReplayOptions): Promise<Replay> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'replay-upstream.ts')], {
    env: {
      ...process.env,
      DELTAS: String(deltas),
      GAP_MS: String(gapMs),
      GOOGLE_PROJECT: googleProject,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = (): void => void child.kill()
  process.once('exit', kill)
  const port = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the upstream ended with ${code}`)))
    createInterface(child.stdout).once('line', resolve)
  })
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      process.off('exit', kill)
      await ended
    },
  }
}
