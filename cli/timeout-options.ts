import type { Command } from 'commander'
import { isObject, type JsonObject } from '../src/core/parse.ts'
import { NONE, numberOrNone } from './arguments.ts'
import type { Client } from './client.ts'
import { definedMembers } from './json.ts'

/** What options say of how long answers are waited for. */
export interface TimeoutMembers {
  readonly firstByteMs?: number | typeof NONE
  readonly idleMs?: number | typeof NONE
  readonly totalMs?: number | typeof NONE
}

/** Adds the options. */
export function withTimeouts(command: Command): Command {
  return command
    .option('--first-byte-ms <ms>', 'how long an answer may take to begin, or none', numberOrNone)
    .option('--idle-ms <ms>', 'how long it may be silent, or none', numberOrNone)
    .option('--total-ms <ms>', 'how long it may take altogether, or none', numberOrNone)
}

/** The resource's field, `before` with what the options say; undefined where they say nothing of it. */
export function timeoutsOf(
  options: TimeoutMembers,
  before: JsonObject = {},
): JsonObject | undefined {
  const { firstByteMs, idleMs, totalMs } = options
  const said = definedMembers({ first_byte_ms: firstByteMs, idle_ms: idleMs, total_ms: totalMs })
  if (Object.keys(said).length === 0) return undefined
  const all = Object.entries({ ...before, ...said })
  return Object.fromEntries(all.filter(([, value]) => value !== NONE))
}

/**
 * Changes what is said, and nothing else. The gateway takes `timeouts` as a whole, so what they were is looked up first, and
 * nothing happens if somebody changes them in between.
 */
export async function patchWithTimeouts(
  client: Client,
  path: string,
  body: JsonObject,
  options: TimeoutMembers,
): Promise<JsonObject> {
  if (timeoutsOf(options) === undefined) return client.patch(path, body)
  const { thing, version } = await client.getVersion(path)
  const before = isObject(thing['timeouts']) ? thing['timeouts'] : {}
  return client.patch(path, { ...body, timeouts: timeoutsOf(options, before) }, version)
}
