import type { ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { processUsage, type Usage } from './process-usage.ts'

/** A process that serves, until it is disposed of or this one ends. */
export interface KeptProcess extends AsyncDisposable {
  usage(): Usage
}

/** A server on loopback in a process of its own: what it costs is what the operating system says. */
export interface Served extends KeptProcess {
  /** Where it listens, without a slash at the end. */
  readonly url: string
}

// Each that is kept listens for the end of this process.
process.setMaxListeners(100)

/** Takes care of a child; `cleanUp` runs when it has ended. */
export function keepProcess(
  child: ChildProcess,
  cleanUp: () => void = () => undefined,
): KeptProcess {
  const kill = (): void => {
    child.kill('SIGKILL')
    cleanUp()
  }
  // Whatever ends this process ends what it started.
  process.once('exit', kill)
  return {
    usage: () => processUsage(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      const ended =
        child.exitCode === null && child.signalCode === null
          ? new Promise((resolve) => child.once('exit', resolve))
          : undefined
      // Asked to leave, workerd would wait for streams that are still open.
      child.kill('SIGKILL')
      await ended
      process.off('exit', kill)
      cleanUp()
    },
  }
}

const MAX_START_MS = 20_000

/** Resolves when the server answers; when it does not, ends its process and rejects. */
export async function whenAnswering(
  url: string,
  child: ChildProcess,
  kept: KeptProcess,
): Promise<void> {
  const startMs = performance.now()
  while (child.exitCode === null && performance.now() - startMs < MAX_START_MS) {
    if (await isAnswered(url)) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await kept[Symbol.asyncDispose]()
  throw new Error(`${child.spawnfile} does not answer`)
}

async function isAnswered(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer()
    return true
  } catch {
    return false
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await new Promise((resolve) => server.close(resolve))
  return port
}
