import { type Command, Option } from 'commander'
import type { JsonObject } from '../../src/core/parse.ts'
import { TUNNEL_PRESET_NAMES } from '../../src/providers/tunnels/presets.ts'
import { commaList, jsonObject, repeated } from '../arguments.ts'
import { type HeaderOption, headersIn, parseHeader } from '../header-options.ts'
import { definedMembers } from '../json.ts'
import { type KeyOptions, keyTextIn, withKeyOptions } from '../key-options.ts'
import { endpointKind } from '../kinds.ts'
import type { Machine } from '../machine.ts'
import { withSession } from '../session.ts'
import {
  patchWithTimeouts,
  type TimeoutMembers,
  timeoutsOf,
  withTimeouts,
} from '../timeout-options.ts'
import { addDelete, addGet, addList, pathOf, WHICH } from './shared.ts'
import { addTest } from './test.ts'

interface Members extends KeyOptions, TimeoutMembers {
  readonly name?: string
  readonly kind?: string
  readonly baseUrl?: string
  readonly reach?: string
  readonly auth?: string
  readonly header?: readonly HeaderOption[]
  readonly preset?: string
  readonly models?: readonly string[]
  readonly defaultModel?: string
  readonly capabilities?: JsonObject
  readonly removeKey?: boolean
  readonly removeHeaders?: boolean
}

const ONCE = 'This is the only time that the token is shown. Start the connector with it.'

/** `keyway endpoints`. */
export function addEndpoints(program: Command, machine: Machine): void {
  const group = program.command('endpoints').description('Private model servers')

  withMembers(group.command('create'))
    .description('Adds a model server that is reached by URL or through a connector')
    .requiredOption('--name <slug>')
    .action(
      withSession<Members>(machine, async (session, options) => {
        const body = await membersOf(machine, { reach: 'url', ...options })
        const path = (await session.organization()) + endpointKind.path
        session.output.one(await session.client.post(path, body))
      }),
    )

  addList(group, machine, endpointKind)
  addGet(group, machine, endpointKind)

  withMembers(group.command('update'))
    .description('Changes what is said, and nothing else; with a key, replaces the key')
    .argument(WHICH)
    .option('--name <slug>')
    .option('--remove-key', 'it needs no key any more')
    .option('--remove-headers', 'it needs no headers any more')
    .action(
      withSession<Members>(machine, async (session, options, [given = '']) => {
        const body = await membersOf(machine, options)
        const path = await pathOf(session, endpointKind, given)
        session.output.one(await patchWithTimeouts(session.client, path, body, options))
      }),
    )

  addTest(group, machine, endpointKind)

  group
    .command('connector-token')
    .description('Makes a token that a connector dials in with and prints it, once')
    .argument(WHICH)
    .option('--revoke-others', 'the tokens before it stop working; else the last one stays')
    .action(
      withSession<{ revokeOthers?: boolean }>(machine, async (session, options, [given = '']) => {
        const body = definedMembers({ revoke_others: options.revokeOthers })
        const path = await pathOf(session, endpointKind, given)
        const issued = await session.client.post(`${path}/connector-token`, body)
        session.output.secret(issued, 'token', ONCE)
      }),
    )

  addDelete(group, machine, endpointKind)
}

function withMembers(command: Command): Command {
  return withTimeouts(withKeyOptions(command))
    .addOption(
      new Option('--kind <what>', 'default: openai-compatible').choices([
        'openai-compatible',
        'edge-rag',
      ]),
    )
    .option('--base-url <url>', 'to which /chat/completions is appended; a full URL works too')
    .addOption(new Option('--reach <how>', 'default: url').choices(['url', 'connector']))
    .addOption(
      new Option('--auth <where>', "the key's place").choices([
        'bearer',
        'api-key',
        'x-api-key',
        'none',
        'caller',
        'entra',
      ]),
    )
    .option(
      '--header <name=source>',
      'a header for each request; its value from env:NAME, file:PATH, k8s:NAMESPACE/NAME/FIELD or text:VALUE',
      repeated(parseHeader),
    )
    .addOption(
      new Option(
        '--preset <way>',
        'looks whether the headers are what this way there needs, and adds what is the same for all',
      ).choices(TUNNEL_PRESET_NAMES),
    )
    .option('--models <names>', 'the models that it serves', commaList)
    .option('--default-model <name>')
    .option('--capabilities <json>', 'what it can do', jsonObject)
}

async function membersOf(machine: Machine, options: Members): Promise<JsonObject> {
  const { name, kind, baseUrl, reach, auth, models, defaultModel, capabilities } = options
  const { preset, removeKey, removeHeaders } = options
  return definedMembers({
    name,
    kind,
    base_url: baseUrl,
    reach,
    auth,
    api_key: removeKey === true ? null : await keyTextIn(machine, options),
    preset,
    headers: removeHeaders === true ? null : await headersIn(machine, options.header),
    models,
    default_model: defaultModel,
    capabilities,
    timeouts: timeoutsOf(options),
  })
}
