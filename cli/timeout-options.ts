import type { Command } from 'commander'
import type { JsonObject } from '../src/core/parse.ts'
import { wholeNumber } from './arguments.ts'
import { definedMembers } from './json.ts'

/** What options say of how long answers are waited for. */
export interface TimeoutMembers {
  readonly firstByteMs?: number
  readonly idleMs?: number
  readonly totalMs?: number
}

/** Adds the options. */
export function withTimeouts(command: Command): Command {
  return command
    .option('--first-byte-ms <ms>', 'how long an answer may take to begin', wholeNumber)
    .option('--idle-ms <ms>', 'how long it may be silent', wholeNumber)
    .option('--total-ms <ms>', 'how long it may take altogether', wholeNumber)
}

/** The resource's field; undefined where no option says anything of it. */
export function timeoutsOf(options: TimeoutMembers): JsonObject | undefined {
  const { firstByteMs, idleMs, totalMs } = options
  const said = definedMembers({ first_byte_ms: firstByteMs, idle_ms: idleMs, total_ms: totalMs })
  return Object.keys(said).length === 0 ? undefined : said
}
