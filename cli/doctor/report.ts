import { printable } from '../printable.ts'
import type { Check } from './checks.ts'

/** A check as a line for people, and one below it that says what to do. */
export function report({ name, state, says, todo }: Check): string {
  const line = `${MARKS[state]} ${name.padEnd(8)} ${says}`
  return printable(todo === undefined || todo === '' ? line : `${line}\n           → ${todo}`)
}

const MARKS = { ok: 'ok   ', odd: 'odd  ', wrong: 'WRONG' } as const
