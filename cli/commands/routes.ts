import { type Command, Option } from 'commander'
import type { JsonObject } from '../../src/core/parse.ts'
import { NONE, numberOrNone, repeated } from '../arguments.ts'
import { definedMembers } from '../json.ts'
import { routeKind } from '../kinds.ts'
import type { Machine } from '../machine.ts'
import { withSession } from '../session.ts'
import { parseTarget } from '../target-option.ts'
import {
  patchWithTimeouts,
  type TimeoutMembers,
  timeoutsOf,
  withTimeouts,
} from '../timeout-options.ts'
import { addDelete, addGet, addList, pathOf, WHICH } from './shared.ts'

interface Members extends TimeoutMembers {
  readonly name?: string
  readonly strategy?: string
  readonly sticky?: string
  readonly hedgeAfterMs?: number | typeof NONE
  readonly target?: readonly JsonObject[]
}

/** `keyway routes`. */
export function addRoutes(program: Command, machine: Machine): void {
  const group = program.command('routes').description('Names for ordered sets of models')

  withMembers(group.command('create'))
    .description('Makes a name that leads to one or more models')
    .requiredOption('--name <name>')
    .action(
      withSession<Members>(machine, async (session, options) => {
        const path = (await session.organization()) + routeKind.path
        const body = { strategy: 'fallback', targets: [], ...membersOf(options) }
        session.output.one(await session.client.post(path, body))
      }),
    )

  addList(group, machine, routeKind)
  addGet(group, machine, routeKind)

  withMembers(group.command('update'))
    .description('Changes what is said, and nothing else; --target replaces all targets')
    .argument(WHICH)
    .option('--name <name>')
    .action(
      withSession<Members>(machine, async (session, options, [given = '']) => {
        const path = await pathOf(session, routeKind, given)
        const body = membersOf(options)
        session.output.one(await patchWithTimeouts(session.client, path, body, options))
      }),
    )

  addDelete(group, machine, routeKind)
}

function withMembers(command: Command): Command {
  return withTimeouts(command)
    .addOption(
      new Option('--strategy <how>', 'default: fallback').choices(['fallback', 'weighted']),
    )
    .addOption(
      new Option(
        '--sticky <what>',
        'what keeps to one target of a weighted route; default: conversation',
      ).choices(['conversation', 'none']),
    )
    .option(
      '--hedge-after-ms <ms>',
      'when the next target is tried beside one that has not begun to answer, or none',
      numberOrNone,
    )
    .option(
      '--target <target>',
      'a model such as bedrock/…, with a weight model=70, or as JSON; once for each, in order',
      repeated(parseTarget),
    )
}

function membersOf(options: Members): JsonObject {
  const { name, strategy, sticky, hedgeAfterMs, target } = options
  const hedge = hedgeAfterMs === NONE ? null : hedgeAfterMs
  const timeouts = timeoutsOf(options)
  return definedMembers({
    name,
    strategy,
    sticky,
    hedge_after_ms: hedge,
    timeouts,
    targets: target,
  })
}
