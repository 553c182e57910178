import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unstable_readConfig as readConfig } from 'wrangler'

/** The built Worker in workerd on loopback, with embedded KV and Durable Objects. */
export interface RunningWorker extends AsyncDisposable {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  /** Everything that the runtime printed so far. */
  readonly output: () => string
  /** The KV namespace, to look into. */
  readonly kv: () => ReturnType<Miniflare['getKVNamespace']>
  /** Where the runtime's inspector listens for this Worker's isolate; needs `inspect`. */
  readonly inspectorUrl: () => Promise<URL>
  readonly dispose: () => Promise<void>
}

export interface RunOptions {
  /** Variables and secrets. */
  readonly vars: Readonly<Record<string, string>>
  readonly port?: number
  /** A folder that keeps what is stored; without it, nothing outlives the process. */
  readonly persistTo?: string
  /** Opens the runtime's inspector, to look at the heap. */
  readonly inspect?: boolean
  readonly print?: (text: string) => void
}

/** What `npm run build` makes: exactly what would be deployed. */
export const BUNDLE = join(import.meta.dirname, '../dist/index.js')
/** What it may weigh, in KiB (docs/decisions/2026-11-21-what-translation-weighs.md). */
export const MOST_KIB = { raw: 600, gzip: 200 }

/** Starts the Worker and waits until it answers. Callers reach workerd itself, with no proxy before it. */
export async function runWorker(options: RunOptions): Promise<RunningWorker> {
  const config = readConfig({ config: join(import.meta.dirname, '../wrangler.toml') })
  let output = ''
  const take = (text: string): void => {
    output += text
    options.print?.(text)
  }
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: 'keyway',
      modules: [{ type: 'ESModule', path: 'index.js', contents: readFileSync(BUNDLE, 'utf8') }],
      compatibilityDate: config.compatibility_date ?? '',
      compatibilityFlags: config.compatibility_flags,
      bindings: options.vars,
      kvNamespaces: ['KEYWAY'],
      durableObjects: {
        ORGANIZATION: { className: 'OrganizationObject', useSQLite: true },
        DIRECTORY: { className: 'DirectoryObject', useSQLite: true },
        CONNECTOR: { className: 'ConnectorObject', useSQLite: true },
      },
      ...(options.persistTo === undefined ? {} : { resourcePersistencePath: options.persistTo }),
      ...(options.inspect === true ? { inspectorPort: 0 } : {}),
      unsafeDirectSockets: [{ host: '127.0.0.1', port: options.port ?? 0 }],
      cf: false,
      handleStructuredLogs: ({ message }) => take(`${message}\n`),
      telemetry: { enabled: false },
    }),
  )
  await miniflare.ready
  const url = (await miniflare.unsafeGetDirectURL()).origin
  const dispose = (): Promise<void> => miniflare.dispose()
  return {
    url,
    output: () => output,
    kv: () => miniflare.getKVNamespace('KEYWAY'),
    inspectorUrl: async () => new URL('/core:user:keyway', await miniflare.getInspectorURL()),
    dispose,
    [Symbol.asyncDispose]: dispose,
  }
}
