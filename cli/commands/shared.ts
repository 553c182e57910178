import type { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'
import { find } from '../find.ts'
import { textOf } from '../json.ts'
import type { Kind } from '../kinds.ts'
import type { Machine } from '../machine.ts'
import { type Session, withSession } from '../session.ts'

/** How a thing is named on the command line. */
export const WHICH = '<name-or-id>'

/** `list`, which every kind of thing has. */
export function addList(group: Command, machine: Machine, kind: Kind): void {
  group
    .command('list')
    .description(`Lists them, oldest first`)
    .option('--limit <count>', 'at most so many', wholeNumber)
    .action(
      withSession<{ limit?: number }>(machine, async (session, { limit }) => {
        const things = await session.client.list((await session.organization()) + kind.path, limit)
        session.output.many(kind.columns, things, `There is no ${kind.noun} yet.`)
      }),
    )
}

/** `get`, for one by name or id. */
export function addGet(group: Command, machine: Machine, kind: Kind): void {
  group
    .command('get')
    .description('Shows everything about one')
    .argument(WHICH)
    .action(
      withSession(machine, async (session, _, [given = '']) => {
        session.output.one(await session.client.get(await pathOf(session, kind, given)))
      }),
    )
}

/** `delete`, for one by name or id. */
export function addDelete(group: Command, machine: Machine, kind: Kind): void {
  group
    .command('delete')
    .description('Deletes one; other locations may go on with it for about two minutes')
    .argument(WHICH)
    .action(
      withSession(machine, async (session, _, [given = '']) => {
        const path = await pathOf(session, kind, given)
        await session.client.delete(path)
        const id = path.split('/').at(-1) ?? ''
        session.output.done(`Deleted the ${kind.noun} ${id}.`, { id, deleted: true })
      }),
    )
}

/** The path of the one that is meant. */
export async function pathOf(session: Session, kind: Kind, given: string): Promise<string> {
  const organization = await session.organization()
  return `${organization}${kind.path}/${await find(session.client, organization, kind, given)}`
}

/** The ids of API keys that are given by name or id. */
export async function apiKeyIds(
  session: Session,
  kind: Kind,
  given: readonly string[] | undefined,
): Promise<string[] | undefined> {
  if (given === undefined) return undefined
  const organization = await session.organization()
  const ids: string[] = []
  for (const one of given) ids.push(await find(session.client, organization, kind, one))
  return ids
}

/** What `--disabled` and `--enabled` say together; undefined when neither was said. */
export function disabledOf(options: {
  readonly disabled?: boolean
  readonly enabled?: boolean
}): boolean | undefined {
  if (options.disabled === true) return true
  return options.enabled === true ? false : undefined
}

/** How a thing is called in a sentence. */
export function named(thing: Readonly<Record<string, unknown>>): string {
  return `${textOf(thing, 'name')} (${textOf(thing, 'id')})`
}
