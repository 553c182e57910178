import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import workerd from 'workerd'
import { unstable_readConfig as readConfig } from 'wrangler'
import { processUsage, type Usage } from './process-usage.ts'

/** A Worker in bare workerd, as a process of its own: what it costs is what the operating system says. */
export interface ServedWorker extends AsyncDisposable {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  usage(): Usage
  /** From the start of the process to its first answer. */
  readonly startMs: number
}

export interface WorkerToServe {
  /** A module of its own, or the built bundle with its storage. */
  readonly script: string
  readonly withStorage?: boolean
  readonly vars?: Readonly<Record<string, string>>
}

const WORKERD = workerd.default
const CONFIG = readConfig({ config: join(import.meta.dirname, '../../wrangler.toml') })
const TRIES = 400

/** Starts it and waits until it answers. */
export async function serveWorkerd(worker: WorkerToServe): Promise<ServedWorker> {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-bench-'))
  const port = await freePort()
  writeFileSync(join(folder, 'worker.js'), worker.script)
  writeFileSync(join(folder, 'kv.js'), readFileSync(join(import.meta.dirname, 'kv-worker.js')))
  writeFileSync(join(folder, 'config.capnp'), configOf(worker, folder, port))
  const startedMs = performance.now()
  const child = spawn(WORKERD, ['serve', 'config.capnp'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  // Whatever ends this process ends what it serves.
  const kill = (): void => void child.kill()
  process.once('exit', kill)
  const url = `http://127.0.0.1:${port}`
  await answers(url, child)
  const startMs = performance.now() - startedMs
  return {
    url,
    startMs,
    usage: () => processUsage(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      process.off('exit', kill)
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configOf({ withStorage = false, vars = {} }: WorkerToServe, folder: string, port: number) {
  const flags = CONFIG.compatibility_flags.map((flag: string) => JSON.stringify(flag)).join(', ')
  const bindings = Object.entries(vars).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  )
  const storage = withStorage
    ? [
        '(name = "KEYWAY", kvNamespace = "kv")',
        '(name = "ORGANIZATION", durableObjectNamespace = "OrganizationObject")',
        '(name = "DIRECTORY", durableObjectNamespace = "DirectoryObject")',
      ]
    : []
  const objects = withStorage
    ? `durableObjectNamespaces = [
        (className = "OrganizationObject", uniqueKey = "organization", enableSql = true),
        (className = "DirectoryObject", uniqueKey = "directory", enableSql = true),
      ],
      durableObjectStorage = (localDisk = "disk"),`
    : ''
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "${CONFIG.compatibility_date}",
      compatibilityFlags = [${flags}],
      bindings = [${[...bindings, ...storage].join(', ')}],
      ${objects}
    )),
    (name = "kv", worker = (
      modules = [(name = "kv.js", esModule = embed "kv.js")],
      compatibilityDate = "${CONFIG.compatibility_date}",
    )),
    (name = "disk", disk = (path = ${JSON.stringify(folder)}, writable = true)),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (child.exitCode !== null) throw new Error(`workerd ended with ${child.exitCode}`)
    const answered = await fetch(`${url}/health`).then(
      async (response) => {
        await response.arrayBuffer()
        return true
      },
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('workerd does not answer')
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await new Promise((resolve) => server.close(resolve))
  return port
}
