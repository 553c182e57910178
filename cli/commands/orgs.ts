import { type Command, Option } from 'commander'
import { wholeNumber } from '../arguments.ts'
import { usage } from '../failure.ts'
import { find } from '../find.ts'
import { definedMembers } from '../json.ts'
import { organizationKind } from '../kinds.ts'
import type { Machine } from '../machine.ts'
import { type Session, withSession } from '../session.ts'
import { named, WHICH } from './shared.ts'

interface Members {
  readonly name?: string
  readonly metering?: string
}

/** `keyway orgs`. */
export function addOrgs(program: Command, machine: Machine): void {
  const group = program.command('orgs').description('The organizations of the deployment')
  const metering = new Option('--metering <what>', 'which traffic is measured')
  metering.choices(['universal', 'all', 'off'])

  group
    .command('create')
    .description('Makes an organization')
    .requiredOption('--name <name>')
    .addOption(metering)
    .action(
      withSession<Members>(machine, async ({ client, output }, options) => {
        output.one(await client.post('', membersOf(options)))
      }),
    )

  group
    .command('list')
    .description('Lists them, oldest first')
    .option('--limit <count>', 'at most so many', wholeNumber)
    .action(
      withSession<{ limit?: number }>(machine, async ({ client, output }, { limit }) => {
        const none = 'There is no organization yet. Make one: keyway orgs create --name NAME'
        output.many(organizationKind.columns, await client.list('', limit), none)
      }),
    )

  group
    .command('get')
    .description('Shows one')
    .argument(WHICH)
    .action(
      withSession(machine, async (session, _, [given = '']) => {
        session.output.one(await session.client.get(await organizationPath(session, given)))
      }),
    )

  group
    .command('update')
    .description('Changes what is said, and nothing else')
    .argument(WHICH)
    .option('--name <name>')
    .addOption(metering)
    .action(
      withSession<Members>(machine, async (session, options, [given = '']) => {
        const path = await organizationPath(session, given)
        session.output.one(await session.client.patch(path, membersOf(options)))
      }),
    )

  addDelete(group, machine)
  addReseal(group, machine)
  addRepublish(group, machine)
}

function addDelete(group: Command, machine: Machine): void {
  group
    .command('delete')
    .description('Deletes an organization with all its keys, endpoints and routes')
    .argument(WHICH)
    .option('--yes', 'really')
    .action(
      withSession<{ yes?: boolean }>(machine, async (session, { yes }, [given = '']) => {
        const path = await organizationPath(session, given)
        const organization = await session.client.get(path)
        if (yes !== true) {
          throw usage(
            `This deletes ${named(organization)} with everything in it, for good.`,
            'Say --yes if that is what you want.',
          )
        }
        await session.client.delete(path)
        const id = path.slice(1)
        session.output.done(`Deleted the organization ${id}.`, { id, deleted: true })
      }),
    )
}

function addReseal(group: Command, machine: Machine): void {
  group
    .command('reseal')
    .description('Seals what is stored with the first master key, after a new one was put there')
    .argument(WHICH)
    .action(
      withSession(machine, async (session, _, [given = '']) => {
        const path = await organizationPath(session, given)
        session.output.one(await session.client.post(`${path}/reseal`))
      }),
    )
}

function addRepublish(group: Command, machine: Machine): void {
  group
    .command('republish')
    .description('Writes everything to KV once more, after something was lost there')
    .argument(WHICH)
    .action(
      withSession(machine, async (session, _, [given = '']) => {
        const path = await organizationPath(session, given)
        session.output.one(await session.client.post(`${path}/republish`))
      }),
    )
}

async function organizationPath({ client }: Session, given: string): Promise<string> {
  return `/${await find(client, '', organizationKind, given)}`
}

const membersOf = ({ name, metering }: Members) => definedMembers({ name, metering })
