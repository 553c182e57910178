import type { Command } from 'commander'
import type { JsonObject } from '../../src/core/parse.ts'
import { commaList, jsonObject, wholeNumber } from '../arguments.ts'
import { usage } from '../failure.ts'
import { definedMembers } from '../json.ts'
import {
  KEY_ADVICE,
  keyIn,
  type KeyOptions,
  keySource,
  withKeyInside,
  withKeyOptions,
} from '../key-options.ts'
import { apiKeyKind, providerKeyKind } from '../kinds.ts'
import type { Machine } from '../machine.ts'
import { type Session, withSession } from '../session.ts'
import { addDelete, addGet, addList, apiKeyIds, disabledOf, pathOf, WHICH } from './shared.ts'
import { addTest } from './test.ts'

interface Members extends KeyOptions {
  readonly provider?: string
  readonly name?: string
  readonly source?: string
  readonly apiKeys?: readonly string[]
  readonly priority?: number
  readonly models?: readonly string[]
  readonly settings?: JsonObject
  readonly disabled?: boolean
  readonly enabled?: boolean
}

/** `keyway provider-keys`. */
export function addProviderKeys(program: Command, machine: Machine): void {
  const group = program
    .command('provider-keys')
    .description("The organization's own credentials at the providers")

  withMembers(group.command('create'))
    .description('Stores a credential, sealed')
    .requiredOption('--provider <name>', 'such as anthropic, bedrock or google_vertex_ai')
    .requiredOption('--name <name>')
    .action(
      withSession<Members>(machine, async (session, options) => {
        const { provider, apiKeys } = options
        const provider_key = await requireCredential(machine, options)
        const path = (await session.organization()) + providerKeyKind.path
        const api_key_ids = (await apiKeyIds(session, apiKeyKind, apiKeys)) ?? []
        const body = { provider, provider_key, api_key_ids, ...membersOf(options) }
        session.output.one(await session.client.post(path, body))
      }),
    )

  addList(group, machine, providerKeyKind)
  addGet(group, machine, providerKeyKind)

  withMembers(group.command('update'))
    .description('Changes what is said, and nothing else; with a key, replaces the credential')
    .argument(WHICH)
    .option('--name <name>')
    .option('--enabled', 'let it be used again')
    .action(
      withSession<Members>(machine, async (session, options, [given = '']) => {
        const body = definedMembers({
          provider_key: await credentialIn(machine, options),
          api_key_ids: await apiKeyIds(session, apiKeyKind, options.apiKeys),
          ...membersOf(options),
        })
        session.output.one(await change(session, given, body))
      }),
    )

  withKeyInside(withKeyOptions(group.command('rotate')))
    .description('Replaces the credential under the same id')
    .argument(WHICH)
    .option('--source <source>', SOURCE_TEXT)
    .action(
      withSession<Members>(machine, async (session, options, [given = '']) => {
        const provider_key = await requireCredential(machine, options)
        session.output.one(await change(session, given, { provider_key }))
      }),
    )

  addTest(group, machine, providerKeyKind)
  addDelete(group, machine, providerKeyKind)
}

const SOURCE_TEXT = 'env:BYOK_NAME (a secret of the Worker) or passthrough (each caller brings it)'

function withMembers(command: Command): Command {
  return withKeyInside(withKeyOptions(command))
    .option('--source <source>', SOURCE_TEXT)
    .option('--api-keys <names-or-ids>', 'only for these API keys; "" for all of them', commaList)
    .option('--priority <number>', 'low goes first', wholeNumber)
    .option('--models <patterns>', 'only for these models, such as "gpt-*"', commaList)
    .option('--settings <json>', 'such as \'{"default_region":"eu-west-1"}\'', jsonObject)
    .option('--disabled', 'do not use it')
}

function membersOf(options: Members) {
  const { name, priority, models, settings } = options
  return definedMembers({ name, priority, models, settings, disabled: disabledOf(options) })
}

async function change(session: Session, given: string, body: JsonObject): Promise<JsonObject> {
  return session.client.patch(await pathOf(session, providerKeyKind, given), body)
}

async function requireCredential(machine: Machine, options: Members): Promise<unknown> {
  const credential = await credentialIn(machine, options)
  if (credential !== undefined) return credential
  throw usage('There is no key.', `${KEY_ADVICE} Or --source for one that is elsewhere.`)
}

/** The credential, or the place where the gateway finds it. */
async function credentialIn(machine: Machine, options: Members): Promise<unknown> {
  const { source } = options
  if (source === undefined) return keyIn(machine, options)
  if (keySource(options) !== undefined || options.keyInside !== undefined) {
    throw usage('Say either --source or a place to read the key from.')
  }
  if (source === 'passthrough') return { source }
  const [kind = '', name = ''] = source.split(':')
  if (kind === 'env' && name !== '') return { source: kind, name }
  throw usage('--source must be env:BYOK_NAME or passthrough.')
}
