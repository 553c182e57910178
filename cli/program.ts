import { Command, Help, type Option } from 'commander'
import { addApiKeys } from './commands/api-keys.ts'
import { addApply } from './commands/apply.ts'
import { addAudit } from './commands/audit.ts'
import { addConnect } from './commands/connect.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEdgeRag } from './commands/edge-rag.ts'
import { addEndpoints } from './commands/endpoints.ts'
import { addInit } from './commands/init.ts'
import { addOrgs } from './commands/orgs.ts'
import { addProviderKeys } from './commands/provider-keys.ts'
import { addRoutes } from './commands/routes.ts'
import { addTokens } from './commands/tokens.ts'
import { addUsage } from './commands/usage.ts'
import { DEFAULT_URL } from './connection.ts'
import type { Machine } from './machine.ts'
import { safeUsageError } from './usage-error.ts'
import { version } from './version.ts'

/** The whole command line: what there is, in the order in which people need it. */
export function createProgram(machine: Machine): Command {
  const program = new Command('keyway')
    .description('Manages Keyway: organizations, their keys, endpoints and routes')
    .version(version())
    .option('--url <url>', `where Keyway is (KEYWAY_URL, else ${DEFAULT_URL})`)
    .option('--token-env <name>', 'the token is in this environment variable (else KEYWAY_TOKEN)')
    .option('--token-file <path>', 'the token is in this file; .dev.vars works too')
    .option('--org <name-or-id>', 'the organization (KEYWAY_ORG, else the only one)')
    .option('--json', 'print JSON, for scripts')
    .option('--allow-http', 'send the token to an address without encryption')
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions })
    .configureOutput({
      writeOut: (text) => machine.print(text.trimEnd()),
      writeErr: (text) => machine.tell(text.trimEnd()),
      outputError: (text, write) => write(safeUsageError(text)),
      getOutHasColors: () => machine.hasColour,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .showHelpAfterError('Try the same with --help.')
    .addHelpText('after', '\nExit codes and the settings file are in docs/cli.md.')
  addInit(program, machine)
  addDoctor(program, machine)
  addOrgs(program, machine)
  addApiKeys(program, machine)
  addProviderKeys(program, machine)
  addEndpoints(program, machine)
  addRoutes(program, machine)
  addTokens(program, machine)
  addUsage(program, machine)
  addAudit(program, machine)
  addApply(program, machine)
  addEdgeRag(program, machine)
  addConnect(program, machine)
  return program
}

/** The options that every command takes, but for those that this one takes in its own way. */
function visibleGlobalOptions(command: Command): Option[] {
  const own = new Set(command.options.map(({ long }) => long))
  const help = Object.assign(new Help(), { showGlobalOptions: true })
  return help.visibleGlobalOptions(command).filter(({ long }) => !own.has(long))
}
