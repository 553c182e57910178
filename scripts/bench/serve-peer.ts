import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, keepProcess, type Served, whenAnswering } from './kept-process.ts'

/** Another gateway, beside which Keyway is measured. */
export type Peer = Served

/** An installed package, from which peers can be started. */
export interface InstalledPeer extends Disposable {
  /** As its README says for Node: the one script that `npx` would run. */
  serve(): Promise<Peer>
}

/** https://www.npmjs.com/package/@portkey-ai/gateway */
export const PORTKEY = '@portkey-ai/gateway@1.15.2'
/** Of its dependencies, those of its own lock file: with the newest of them it answers streams with 500. */
const ITS_DEPENDENCIES = ['hono@4.9.7', '@hono/node-server@1.13.5', '@hono/node-ws@1.2.0']

/** Installs it with npm in a folder of its own that is gone afterwards: it is no dependency. */
export async function installPortkey(): Promise<InstalledPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-peer-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const flags = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save']
  const install = spawn('npm', ['install', ...flags, PORTKEY, ...ITS_DEPENDENCIES], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  keepProcess(install)
  const [status] = (await once(install, 'exit')) as [number | null]
  if (status !== 0) throw new Error(`npm could not install ${PORTKEY}`)
  return {
    serve: () => servePortkey(folder),
    [Symbol.dispose]() {
      process.off('exit', remove)
      remove()
    },
  }
}

async function servePortkey(folder: string): Promise<Peer> {
  const script = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  const port = await freePort()
  const child = spawn(process.execPath, [script, `--port=${port}`, '--headless'], {
    cwd: folder,
    // It logs at length.
    stdio: 'ignore',
  })
  const kept = keepProcess(child)
  const url = `http://127.0.0.1:${port}`
  await whenAnswering(url, child, kept)
  return { ...kept, url }
}
