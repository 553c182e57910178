import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How a run of the command line ended. */
export interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** Standard output as the JSON that `--json` makes of it. */
  readonly json: () => Record<string, unknown>
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly folder?: string
  /** Options of Node itself. */
  readonly node?: readonly string[]
}

export const LAUNCHER = join(import.meta.dirname, '../../cli/keyway.mjs')

/** Runs `keyway` as a person would: another process, with nothing of this one's settings. */
export async function runKeyway(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { env = {}, input = '', folder = newFolder(), node = [] } = options
  const child = spawn(process.execPath, [...node, LAUNCHER, ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (output.stderr += text))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const { promise, resolve } = Promise.withResolvers<number>()
  child.on('close', (code) => resolve(code ?? -1))
  const exitCode = await promise
  if (/^\s+at .*[:(]\d+/m.test(output.stderr)) throw new Error(`a stack trace: ${output.stderr}`)
  return {
    ...output,
    exitCode,
    json: () => JSON.parse(output.stdout) as Record<string, unknown>,
  }
}

/** What the tests of one process leave behind, until it ends. */
const all = mkdtempSync(join(tmpdir(), 'keyway-cli-'))
process.once('exit', () => rmSync(all, { recursive: true, force: true }))

/** A folder of its own. */
export const newFolder = (): string => mkdtempSync(join(all, 'test-'))

/** Writes a file into a folder of its own and gives its path. */
export function fileWith(text: string | Buffer, name = 'file'): string {
  const path = join(newFolder(), name)
  writeFileSync(path, text)
  return path
}

/** Makes a script that can be run, and gives the folder to put on the PATH. */
export function programNamed(name: string, script: string): string {
  const folder = newFolder()
  writeFileSync(join(folder, name), script)
  chmodSync(join(folder, name), 0o755)
  return folder
}
