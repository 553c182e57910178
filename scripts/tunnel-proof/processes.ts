import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { processUsage } from '../bench/process-usage.ts'

/** A process that has said that it is ready. */
export interface Running extends AsyncDisposable {
  readonly pid: number
  /** What it said until then. */
  readonly lines: readonly string[]
  readonly kill: (signal: NodeJS.Signals) => void
}

/** Starts a script with this Node; `enter` is put before it. Resolves with the first line that has `sign` in it. */
async function start(
  enter: readonly string[],
  words: readonly string[],
  { env, sign, from }: { env: NodeJS.ProcessEnv; sign: string; from: 'stdout' | 'stderr' },
): Promise<Running> {
  const [program = '', ...rest] = [...enter, process.execPath, ...words]
  const child: ChildProcess = spawn(program, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const said = Promise.withResolvers<void>()
  const lines: string[] = []
  createInterface(child[from] as Readable).on('line', (line) => {
    lines.push(line)
    if (line.includes(sign)) said.resolve()
  })
  void ended.then(() => said.reject(new Error(`it ended: ${lines.join('\n')}`)))
  await said.promise
  return {
    pid: child.pid ?? 0,
    lines,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

export interface RunningModel extends Running {
  readonly url: string
}

export async function startModel(enter: readonly string[] = []): Promise<RunningModel> {
  const script = join(import.meta.dirname, 'model-server.ts')
  const running = await start(enter, [script], { env: process.env, sign: '', from: 'stdout' })
  return { ...running, url: `http://127.0.0.1:${running.lines[0] ?? ''}` }
}

export interface RunningConnector extends Running {
  /** Where its inspector listens. */
  readonly inspectorUrl: URL
}

/** Starts `keyway connect` and waits until it is connected. */
export async function startConnector(
  { url, token, target }: { url: string; token: string; target: string },
  enter: readonly string[] = [],
): Promise<RunningConnector> {
  const script = join(import.meta.dirname, '../../cli/keyway.mjs')
  const words = ['connect', '--endpoint', 'lab', '--target', target, '--url', url, '--allow-http']
  const env = { PATH: process.env['PATH'], HOME: '/', KEYWAY_CONNECTOR_TOKEN: token }
  const sign = '"event":"connected"'
  const node = [`--inspect=127.0.0.1:0`, script]
  const running = await start(enter, [...node, ...words], { env, sign, from: 'stderr' })
  const address = /ws:\/\/\S+/.exec(running.lines.join('\n'))?.[0] ?? ''
  return { ...running, inspectorUrl: new URL(address) }
}

/** The Worker's runtime, which this process has started. */
export function workerdPid(): number {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const [, parent] =
        readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      const isOurs = Number(parent) === process.pid
      if (isOurs && readFileSync(`/proc/${entry}/comm`, 'utf8').startsWith('workerd')) {
        return Number(entry)
      }
    } catch {
      // It has just ended.
    }
  }
  throw new Error('no workerd is running')
}

/** What a process has resident, looked at four times a second. */
export interface MemoryWatch extends Disposable {
  /** The most since it was asked last, in bytes. */
  readonly most: () => number
}

export function watchMemory(pid: number): MemoryWatch {
  let most = 0
  const look = (): void => {
    most = Math.max(most, processUsage(pid).residentBytes)
  }
  const timer = setInterval(look, 250)
  return {
    most() {
      look()
      const bytes = most
      most = 0
      return bytes
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
