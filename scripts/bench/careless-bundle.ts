import { build, type Plugin } from 'esbuild'
import { join } from 'node:path'

/**
 * What stands in for the modules that watch over a request: no deadlines, no memory of how targets fared, no record of the
 * request. Told by the end of the module's path.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  'src/streams/deadlines.ts': `
    const nothing = () => undefined
    export const startDeadlines = (patience, { nowMs }) => ({
      nowMs, waitingSinceMs: undefined, isLate: false,
      begin: nothing, takeWhole: nothing, handOn: nothing, linger: nothing, breakOff: nothing, end: nothing,
    })`,
  'src/gateway/attempt/note-health.ts': `
    export const noteHealth = () => undefined
    export const takeProbe = () => undefined`,
  'src/gateway/target/healthiest-first.ts': `
    export const keysByHealth = ({ keys }) => keys`,
  'src/gateway/call/candidates-by-health.ts': `
    export const candidatesByHealth = (candidates) => candidates`,
  'src/routes/record-request.ts': 'export const recordRequest = () => undefined',
}

/** Keyway as it is, but for what it does in case an upstream fails and for the record: what all of that costs is the difference. */
export async function carelessBundle(): Promise<string> {
  const replaced = new Set<string>()
  const plugin: Plugin = {
    name: 'careless',
    setup(building) {
      building.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const name = Object.keys(STAND_INS).find((end) => path.endsWith(`/${end}`))
        if (name === undefined) return undefined
        replaced.add(name)
        return { contents: STAND_INS[name] ?? '', loader: 'js' }
      })
    },
  }
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../../src/index.ts')],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'esnext',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    plugins: [plugin],
  })
  const missed = Object.keys(STAND_INS).filter((name) => !replaced.has(name))
  if (missed.length > 0) throw new Error(`nothing stands in for ${missed.join(', ')} any more`)
  const [bundle] = outputFiles
  if (bundle === undefined) throw new Error('there is no bundle')
  return bundle.text
}
