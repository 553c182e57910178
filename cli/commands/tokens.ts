import { type Command, Option } from 'commander'
import { expiryOf, moment } from '../arguments.ts'
import { definedMembers } from '../json.ts'
import { tokenKind } from '../kinds.ts'
import type { Machine } from '../machine.ts'
import { withSession } from '../session.ts'
import { addDelete, addList } from './shared.ts'

interface Members {
  readonly name: string
  readonly role: string
  readonly expiresAt?: string
}

const ONCE = 'This is the only time that the token is shown: Keyway keeps only its hash.'

/** `keyway tokens`. */
export function addTokens(program: Command, machine: Machine): void {
  const group = program.command('tokens').description('What people and scripts manage with')

  group
    .command('create')
    .description('Makes a management token and prints it, once')
    .requiredOption('--name <name>')
    .addOption(
      new Option('--role <role>', 'owner: everything; admin: all but tokens; viewer: reads')
        .choices(['owner', 'admin', 'viewer'])
        .makeOptionMandatory(),
    )
    .option('--expires-at <time>', 'a date, a time such as 90d, or never', moment(machine))
    .action(
      withSession<Members>(machine, async (session, { name, role, expiresAt }) => {
        const path = (await session.organization()) + tokenKind.path
        const body = definedMembers({ name, role, expires_at: expiryOf(expiresAt) })
        session.output.secret(await session.client.post(path, body), 'token', ONCE)
      }),
    )

  addList(group, machine, tokenKind)
  addDelete(group, machine, tokenKind)
}
