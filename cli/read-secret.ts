import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { tryParseJson } from '../src/core/parse.ts'
import { usage } from './failure.ts'
import { fieldOf, readSecretField } from './kubectl.ts'
import type { Machine } from './machine.ts'
import { type SecretSource, sourceText } from './secret-source.ts'

/** The secret, without the one line break that editors and `echo` put at its end. */
export async function readSecret(machine: Machine, source: SecretSource): Promise<string> {
  const secret = withoutLastBreak(await readWhole(machine, source))
  if (secret.trim() === '') throw usage(`There is no key in ${sourceText(source)}: it is empty.`)
  return secret
}

async function readWhole(machine: Machine, source: SecretSource): Promise<string> {
  switch (source.kind) {
    case 'env':
      return readVariable(machine, source.name)
    case 'file':
      return decode(await readBytes(machine, source.path))
    case 'stdin':
      return readStdin(machine, source.field)
    case 'k8s':
      return readSecretField(machine, source)
    default:
      return source satisfies never
  }
}

function readVariable({ env }: Machine, name: string): string {
  const value = env[name]
  if (value !== undefined) return value
  // A key that was typed where its name should be must not be shown again.
  const shown = /^[A-Za-z_][A-Za-z0-9_]{0,60}$/.test(name) ? name : 'of that name'
  throw usage(`There is no environment variable ${shown}.`, 'Set it and export it.')
}

async function readBytes({ folder }: Machine, path: string): Promise<Buffer> {
  try {
    return await readFile(resolve(folder, path))
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? REASONS[String(error.code)] : undefined
    throw usage(`The file ${path} cannot be read: ${why ?? 'something is wrong with it'}.`)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'you may not read it',
  EISDIR: 'it is a folder',
}

async function readStdin(machine: Machine, field: string | undefined): Promise<string> {
  const text = decode(await machine.readStdin('Key'))
  return field === undefined ? text : fieldOf(tryParseJson(text), field, 'Standard input')
}

/** The secret that a file of these bytes holds. */
export function secretIn(bytes: Buffer): string {
  return withoutLastBreak(decode(bytes))
}

const withoutLastBreak = (text: string): string => text.replace(/\r?\n$/, '')

/** Text as editors save it: PowerShell's `>` writes UTF-16, and Notepad a byte order mark. */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes)
}
