import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newFolder, programNamed } from './run-keyway.ts'

/** A cluster of files behind a `kubectl` that obeys nothing but what the documentation names. */
export interface FakeCluster {
  /** To be put into the environment of the command. */
  readonly env: Readonly<Record<string, string>>
  /** The arguments of every call. */
  calls(): string[][]
  /** What `ps` showed of all processes during the calls. */
  processes(): string
  /** The value of a field, decoded. */
  field(path: string): string | undefined
  setField(path: string, value: string): void
}

/** Fields are named like `arc-rag/byom-api-key/BYOM_API_KEY`. */
export function startCluster(
  fields: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): FakeCluster {
  const state = newFolder()
  mkdirSync(join(state, 'secrets'))
  const script = join(import.meta.dirname, 'fake-kubectl.mjs')
  const folder = programNamed('kubectl', `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`)
  const read = (file: string): string => {
    const path = join(state, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
  const secretOf = (path: string) => {
    const [namespace = '', name = '', field = ''] = path.split('/')
    const file = `secrets/${namespace}.${name}.json`
    const data = (read(file) === '' ? {} : JSON.parse(read(file))) as Record<string, string>
    return { file: join(state, file), data, field }
  }
  const setField = (path: string, value: string): void => {
    const { file, data, field } = secretOf(path)
    const encoded = Buffer.from(value).toString('base64')
    writeFileSync(file, JSON.stringify({ ...data, [field]: encoded }))
  }
  for (const [path, value] of Object.entries(fields)) setField(path, value)
  return {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, FAKE_CLUSTER: state, ...env },
    calls: () =>
      read('calls')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as string[]),
    processes: () => read('processes'),
    field(path) {
      const { data, field } = secretOf(path)
      const value = data[field]
      return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
    },
    setField,
  }
}
