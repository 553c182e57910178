import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { usage } from './failure.ts'

const OWNER_ONLY = 0o600

/** Writes a file that only its owner can read, whole or not at all. Unless told to, it replaces no other. */
export function writePrivate(
  path: string,
  text: string,
  { replace = false }: { readonly replace?: boolean } = {},
): void {
  const part = `${path}.${randomUUID()}`
  try {
    writeFileSync(part, text, { mode: OWNER_ONLY, flag: 'wx' })
    // A link fails where a file already is; a rename would take its place.
    if (replace) renameSync(part, path)
    else linkSync(part, path)
  } catch (error) {
    throw usage(`The file ${path} cannot be written: ${reasonOf(error)}.`)
  } finally {
    rmSync(part, { force: true })
  }
}

/** Throws unless a new file can be written there. */
export function requireRoom(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK)
    if (existsSync(path)) throw Object.assign(new Error('It exists'), { code: 'EEXIST' })
  } catch (error) {
    throw usage(`The file ${path} cannot be written: ${reasonOf(error)}.`)
  }
}

/** The text of a file, or undefined where there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw usage(`The file ${path} cannot be read: ${reasonOf(error)}.`)
  }
}

function reasonOf(error: unknown): string {
  return REASONS[codeOf(error)] ?? 'something is wrong with it'
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'it exists',
  ENOENT: 'its folder does not exist',
  EACCES: 'you may not do that there',
  EISDIR: 'it is a folder',
  EROFS: 'nothing can be written there',
  ENOTDIR: 'its folder is a file',
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
