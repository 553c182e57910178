import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unstable_readConfig as readConfig } from 'wrangler'
import { freePort, keepProcess, type Served, whenAnswering } from './kept-process.ts'
import type { Usage } from './process-usage.ts'

/** A Worker in bare workerd. */
export interface ServedWorker extends Served {
  /** From the start of the process to its first answer, and what that took. */
  readonly start: { readonly milliseconds: number; readonly usage: Usage }
  /** Where the runtime's inspector listens for the Worker's isolate; needs `inspect`. */
  readonly inspectorUrl: URL | undefined
}

export interface WorkerToServe {
  /** A module of its own, or the built bundle with its storage. */
  readonly script: string
  readonly withStorage?: boolean
  readonly vars?: Readonly<Record<string, string>>
  readonly inspect?: boolean
}

/** The one that comes with Wrangler. */
const workerd = createRequire(import.meta.url)('workerd') as { default: string; version: string }
export const WORKERD_VERSION = workerd.version
const CONFIG = readConfig({ config: join(import.meta.dirname, '../../wrangler.toml') })

/** Starts it and waits until it answers. */
export async function serveWorkerd(worker: WorkerToServe): Promise<ServedWorker> {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-bench-'))
  const port = await freePort()
  const inspectorPort = worker.inspect === true ? await freePort() : undefined
  writeFileSync(join(folder, 'worker.js'), worker.script)
  writeFileSync(join(folder, 'kv.js'), readFileSync(join(import.meta.dirname, 'kv-worker.js')))
  writeFileSync(join(folder, 'config.capnp'), configOf(worker, folder, port))
  const inspecting =
    inspectorPort === undefined ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`]
  const startedMs = performance.now()
  const child = spawn(workerd.default, ['serve', 'config.capnp', ...inspecting], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const kept = keepProcess(child, () => rmSync(folder, { recursive: true, force: true }))
  const url = `http://127.0.0.1:${port}`
  await whenAnswering(`${url}/health`, child, kept)
  return {
    ...kept,
    url,
    start: { milliseconds: performance.now() - startedMs, usage: kept.usage() },
    inspectorUrl:
      inspectorPort === undefined ? undefined : new URL(`ws://127.0.0.1:${inspectorPort}/main`),
  }
}

interface ObjectBinding {
  readonly name: string
  readonly class_name: string
}

interface StoreBinding {
  readonly binding: string
}

/** https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configOf({ withStorage = false, vars = {} }: WorkerToServe, folder: string, port: number) {
  const flags = CONFIG.compatibility_flags.map((flag: string) => JSON.stringify(flag)).join(', ')
  const bindings = Object.entries(vars).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  )
  const classes: readonly ObjectBinding[] = withStorage ? CONFIG.durable_objects.bindings : []
  const stores: readonly StoreBinding[] = withStorage ? CONFIG.kv_namespaces : []
  const storage = [
    ...stores.map(({ binding }) => `(name = "${binding}", kvNamespace = "kv")`),
    ...classes.map(
      ({ name, class_name }) => `(name = "${name}", durableObjectNamespace = "${class_name}")`,
    ),
  ]
  const namespaces = classes.map(
    ({ class_name }) =>
      `(className = "${class_name}", uniqueKey = "${class_name}", enableSql = true)`,
  )
  const objects = withStorage
    ? `durableObjectNamespaces = [${namespaces.join(', ')}],
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
