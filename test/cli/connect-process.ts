import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { newToken } from '../../src/core/token-format.ts'
import { LAUNCHER, newFolder } from './run-keyway.ts'

/** A connector as a process of its own. */
export interface ConnectProcess extends AsyncDisposable {
  readonly pid: number
  /** The lines of its log, as they were written. */
  readonly lines: readonly string[]
  /** The first line of its log about this, which may be still to come. */
  readonly logged: (event: string) => Promise<Readonly<Record<string, unknown>>>
  readonly kill: (signal: NodeJS.Signals) => void
  /** Closes the other end of its standard error, as a terminal does that goes away. */
  readonly hangUp: () => void
  readonly exitCode: Promise<number | string>
}

/** A token of the right shape. */
export const TOKEN = newToken('kwc_', 'org_0123456789abcdef', (count) => Buffer.alloc(count, 7))

export function startConnect(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): ConnectProcess {
  const folder = newFolder()
  const child = spawn(process.execPath, [LAUNCHER, 'connect', '--endpoint', 'lab', ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, KEYWAY_CONNECTOR_TOKEN: TOKEN, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const ended = Promise.withResolvers<number | string>()
  const waiting = new Set<() => void>()
  createInterface(child.stderr).on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })
  child.on('close', (code, signal) => ended.resolve(code ?? signal ?? ''))
  return {
    pid: child.pid ?? 0,
    lines,
    exitCode: ended.promise,
    kill: (signal) => void child.kill(signal),
    hangUp: () => void child.stderr.destroy(),
    logged(event) {
      const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>()
      const look = (): void => {
        const line = lines.find((one) => one.includes(`"event":"${event}"`))
        if (line === undefined) return
        waiting.delete(look)
        resolve(JSON.parse(line) as Record<string, unknown>)
      }
      waiting.add(look)
      look()
      void ended.promise.then((code) =>
        reject(new Error(`it ended with ${code}: ${lines.join('\n')}`)),
      )
      return promise
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended.promise
    },
  }
}
