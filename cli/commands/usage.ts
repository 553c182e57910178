import type { Command } from 'commander'
import { isObject, type JsonObject } from '../../src/core/parse.ts'
import { commaList, past } from '../arguments.ts'
import type { Machine } from '../machine.ts'
import { withSession } from '../session.ts'
import type { Column } from '../table.ts'

interface Asked {
  readonly by: readonly string[]
  readonly since?: string
  readonly until?: string
}

const COUNTS: readonly Column[] = [
  ['REQUESTS', 'requests'],
  ['ATTEMPTS', 'attempts'],
  ['INPUT', 'input_tokens'],
  ['CACHED', 'cached_input_tokens'],
  ['OUTPUT', 'output_tokens'],
  ['NOT TOLD', 'requests_without_usage'],
  ['LATENCY MS', 'average_latency_ms'],
]

/** `keyway usage`. */
export function addUsage(program: Command, machine: Machine): void {
  program
    .command('usage')
    .description('What requests came to')
    .option(
      '--by <groups>',
      'provider, model, api_key, provider_key, outcome, and minute, hour or day; "" for the totals alone',
      commaList,
      ['model'],
    )
    .option(
      '--since <time>',
      'from this moment on, or so long ago, such as 7d (else 30d; by minute 1h)',
      past(machine),
    )
    .option('--until <time>', 'up to this moment', past(machine))
    .action(
      withSession<Asked>(machine, async (session, { by, since, until }) => {
        const query = new URLSearchParams()
        if (by.length > 0) query.set('group_by', by.join(','))
        const from = since ?? (by.includes('minute') ? anHourBefore(until, machine) : undefined)
        if (from !== undefined) query.set('from', from)
        if (until !== undefined) query.set('to', until)
        const path = `${await session.organization()}/usage?${query.toString()}`
        const usage = await session.client.get(path)
        if (session.output.isJson) return session.output.one(usage)
        const columns = [...by.map((group): Column => [group.toUpperCase(), group]), ...COUNTS]
        session.output.many(columns, rowsOf(usage, by), 'There were no requests.')
      }),
    )
}

/** Minutes are not kept for as long as the gateway looks back where nothing is said. */
function anHourBefore(until: string | undefined, { now }: Machine): string {
  const endMs = until === undefined ? +now() : Date.parse(until)
  return new Date(endMs - 3_600_000).toISOString()
}

/** The groups, and without any the totals. */
function rowsOf({ data, totals }: JsonObject, by: readonly string[]): JsonObject[] {
  if (by.length === 0) return isObject(totals) ? [totals] : []
  return Array.isArray(data) ? data.filter((row) => isObject(row)) : []
}
