import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ChatFormat } from '../../src/core/wire-format.ts'

/** Where answers of real providers are, from the project's root. They are not kept here: CONTRIBUTING.md says what they are. */
const root = process.env['RECORDED_ANSWERS'] ?? ''

/** Tests that read them are skipped, and shown as such, where there are none. */
export const hasRecordedAnswers = root !== ''

/** The answers that providers gave in one format. A folder that is named and not there is an error. */
export interface RecordedAnswers {
  readonly names: readonly string[]
  /** A stream's events, one a line. */
  readonly streams: readonly string[]
  /** The same kind of answer, not streamed. */
  readonly wholes: readonly string[]
  readonly read: (name: string) => string
}

export function recordedAnswers(format: ChatFormat): RecordedAnswers {
  const folder = resolve(import.meta.dirname, '../..', root, format)
  const names = hasRecordedAnswers ? readdirSync(folder).toSorted() : []
  return {
    names,
    streams: names.filter((name) => name.endsWith('.chunks.txt')),
    wholes: names.filter((name) => name.endsWith('.json')),
    read: (name) => readFileSync(join(folder, name), 'utf8'),
  }
}

/** The events of a recorded stream, each as JSON. */
export function eventsIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
