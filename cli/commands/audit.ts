import type { Command } from 'commander'
import { isObject, type JsonObject } from '../../src/core/parse.ts'
import { past, wholeNumber } from '../arguments.ts'
import type { Machine } from '../machine.ts'
import { withSession } from '../session.ts'
import type { Column } from '../table.ts'

interface Filters {
  readonly actor?: string
  readonly action?: string
  readonly resource?: string
  readonly since?: string
  readonly until?: string
  readonly limit: number
}

const COLUMNS: readonly Column[] = [
  ['WHEN', 'at'],
  ['WHO', 'actor'],
  ['WHAT', 'action'],
  ['WHICH', 'resource_id'],
  ['FROM', 'ip'],
  ['CHANGED', 'changed'],
]

/** `keyway audit`. */
export function addAudit(program: Command, machine: Machine): void {
  program
    .command('audit')
    .description('Who changed what, and when')
    .option('--actor <who>', 'admin, a token id or an email address')
    .option('--action <what>', 'such as api_key.rotate')
    .option('--resource <kind>', 'such as provider_key')
    .option('--since <time>', 'from this moment on, or so long ago, such as 7d', past(machine))
    .option('--until <time>', 'up to this moment', past(machine))
    .option('--limit <count>', 'at most so many', wholeNumber, 50)
    .action(
      withSession<Filters>(machine, async (session, options) => {
        const { actor, action, resource, since, until, limit } = options
        const query = new URLSearchParams()
        for (const [name, value] of Object.entries({ actor, action, resource, since, until })) {
          if (value !== undefined) query.set(name, value)
        }
        const path = `${await session.organization()}/audit-log?${query.toString()}`
        const entries = await session.client.list(path, limit)
        const shown = session.output.isJson ? entries : entries.map((entry) => forPeople(entry))
        session.output.many(COLUMNS, shown, 'There is no such change.')
      }),
    )
}

/** Names the members that are not as they were. */
function forPeople(entry: JsonObject): JsonObject {
  const { before, after } = entry
  if (!isObject(before) || !isObject(after)) return entry
  const isSame = (name: string): boolean =>
    JSON.stringify(before[name]) === JSON.stringify(after[name])
  const names = Object.keys({ ...before, ...after }).filter((name) => !isSame(name))
  return { ...entry, changed: names }
}
