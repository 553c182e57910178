import type { Command } from 'commander'
import { commaList, expiryOf, moment, seconds } from '../arguments.ts'
import { definedMembers } from '../json.ts'
import { keyLimits, NO_LIMITS } from '../key-limits.ts'
import { apiKeyKind } from '../kinds.ts'
import type { Machine } from '../machine.ts'
import { withSession } from '../session.ts'
import { addDelete, addGet, addList, disabledOf, pathOf, WHICH } from './shared.ts'

interface Members {
  readonly name?: string
  readonly providers?: readonly string[]
  readonly models?: readonly string[]
  readonly limits?: ReturnType<typeof keyLimits>
  readonly expiresAt?: string
  readonly disabled?: boolean
  readonly enabled?: boolean
}

const ONCE = 'This is the only time that the key is shown: Keyway keeps only its hash.'

/** `keyway api-keys`. */
export function addApiKeys(program: Command, machine: Machine): void {
  const group = program.command('api-keys').description('What applications call Keyway with')

  withMembers(group.command('create'), machine)
    .description('Makes an API key and prints it, once')
    .requiredOption('--name <name>')
    .action(
      withSession<Members>(machine, async ({ client, output, organization }, options) => {
        const path = (await organization()) + apiKeyKind.path
        output.secret(await client.post(path, membersOf(options)), 'key', ONCE)
      }),
    )

  addList(group, machine, apiKeyKind)
  addGet(group, machine, apiKeyKind)

  withMembers(group.command('update'), machine)
    .description('Changes what is said, and nothing else')
    .argument(WHICH)
    .option('--name <name>')
    .option('--enabled', 'let it be used again')
    .action(
      withSession<Members>(machine, async (session, options, [given = '']) => {
        const path = await pathOf(session, apiKeyKind, given)
        session.output.one(await session.client.patch(path, membersOf(options)))
      }),
    )

  group
    .command('rotate')
    .description('Gives it a new secret under the same id and prints that, once')
    .argument(WHICH)
    .option('--overlap <time>', 'how long the old secret still works, such as 24h', seconds)
    .action(
      withSession<{ overlap?: number }>(machine, async (session, { overlap }, [given = '']) => {
        const path = await pathOf(session, apiKeyKind, given)
        const body = definedMembers({ overlap_seconds: overlap })
        const rotated = await session.client.post(`${path}/rotate`, body)
        session.output.secret(rotated, 'key', `${ONCE} ${oldSecretText(overlap)}`)
      }),
    )

  addDelete(group, machine, apiKeyKind)
}

/** What becomes of the secret that was replaced. */
export function oldSecretText(overlapSeconds = 0): string {
  if (overlapSeconds === 0) return 'The old one stops working now.'
  return `The old one works for another ${overlapSeconds} seconds.`
}

function withMembers(command: Command, machine: Machine): Command {
  return command
    .option('--providers <names>', 'only these providers, such as openai,bedrock', commaList)
    .option('--models <patterns>', 'only these models, such as "gpt-*,claude-*"', commaList)
    .option(
      '--limits <list>',
      'no more than this, such as requests_per_minute=60,tokens_per_minute=100000,concurrent_requests=4; replaces what there is, and none takes it away',
      keyLimits,
    )
    .option('--expires-at <time>', 'a date, a time such as 90d, or never', moment(machine))
    .option('--disabled', 'refuse it')
}

function membersOf(options: Members) {
  const { name, providers, models, expiresAt } = options
  const limits = options.limits === NO_LIMITS ? null : options.limits
  const disabled = disabledOf(options)
  const expires_at = expiryOf(expiresAt)
  return definedMembers({ name, providers, models, limits, expires_at, disabled })
}
