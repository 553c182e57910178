import { readFileSync } from 'node:fs'
import { isObject, tryParseJson } from '../src/core/parse.ts'
import { textOf } from './json.ts'

/** The version of this package. */
export function version(): string {
  const file = new URL('../package.json', import.meta.url)
  const manifest = tryParseJson(readFileSync(file, 'utf8'))
  return isObject(manifest) ? textOf(manifest, 'version') : ''
}
