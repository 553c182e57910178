import type { Command } from 'commander'
import { dirname, resolve } from 'node:path'
import type { JsonObject } from '../../src/core/parse.ts'
import { carryOut } from '../apply/carry-out.ts'
import { describe, describeAsJson } from '../apply/describe.ts'
import { deletions, difference, type Stored, type Wanted } from '../apply/difference.ts'
import { openMemory } from '../apply/memory.ts'
import { readSettings } from '../apply/read-file.ts'
import { requirePlaces } from '../apply/save-secret.ts'
import { readSecretTree } from '../apply/secret-tree.ts'
import type { Entry, Settings } from '../apply/settings.ts'
import { readStored, requireNamedKeys } from '../apply/stored.ts'
import type { GlobalOptions } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure, usage } from '../failure.ts'
import { textOf } from '../json.ts'
import { keyValue } from '../key-options.ts'
import { apiKeyKind } from '../kinds.ts'
import type { Machine } from '../machine.ts'
import { readIfThere } from '../private-file.ts'
import { openSession } from '../session.ts'

interface Options extends GlobalOptions {
  readonly file: string
  readonly dryRun?: boolean
  readonly prune?: boolean
  readonly exitCode?: boolean
  readonly state?: string
}

/** `keyway apply`. */
export function addApply(program: Command, machine: Machine): void {
  program
    .command('apply')
    .description('Makes an organization be as a settings file says')
    .option('-f, --file <path>', 'the settings; - is standard input', 'keyway.yaml')
    .option('--dry-run', 'only show the difference')
    .option('--prune', 'delete what is not in the sections of the file')
    .option('--exit-code', `with --dry-run: exit with ${EXIT.different} when there is a difference`)
    .option('--state <path>', 'what apply remembers (default: .keyway/apply.json beside the file)')
    .action(async function action(this: Command) {
      await apply(machine, this.optsWithGlobals<Options>())
    })
}

async function apply(machine: Machine, options: Options): Promise<void> {
  const { text, folder } = await readText(machine, options.file)
  const settings = readSettings(text, options.file)
  // What a file names is beside it, wherever it is applied from.
  const site = { ...machine, folder }
  const wanted = await readSecrets(site, settings)
  const session = await openSession(machine, withOrganization(options, settings))
  const { client, output } = session
  const organization = await session.organization()
  const { stored, keys } = await readStored(client, organization, settings.sections)
  requireNamedKeys(wanted, keys)
  const memory = openMemory(resolve(machine.folder, options.state ?? resolve(folder, STATE_FILE)))
  const found = difference(wanted, stored, memory)
  const changes = [...found.changes, ...(options.prune === true ? deletions(found) : [])]
  await requirePlaces(site, changes)
  const apiKeys = apiKeysIn(stored)
  const unsaved = apiKeys
    .filter((apiKey) => memory.unsaved.has(organization, apiKey))
    .map((apiKey) => ({ id: textOf(apiKey, 'id'), name: textOf(apiKey, 'name') }))
  for (const { id, name } of unsaved) {
    output.hint(
      `The secret of the API key "${name}" was never saved: apply was stopped. For another: keyway api-keys rotate ${id}`,
    )
  }
  const isDry = options.dryRun === true
  const tellResult = (isApplied: boolean): void => {
    if (!output.isJson) return
    const id = organization.slice(1)
    const described = describeAsJson(found, changes)
    output.one({ organization: id, applied: isApplied, ...described, unsaved })
  }
  if (!output.isJson) machine.print(describe(found, changes))
  if (isDry) {
    tellResult(false)
    if (options.exitCode === true && changes.length > 0) {
      throw new Failure(EXIT.different, 'There is a difference.', { code: 'different' })
    }
    return
  }
  memory.unsaved.settle(organization, apiKeys)
  await carryOut(changes, { machine: site, client, organization, memory, keys, hint: output.hint })
  tellResult(true)
  if (changes.length > 0)
    output.hint(`Made ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}.`)
}

const apiKeysIn = (stored: readonly Stored[]): JsonObject[] =>
  stored.flatMap(({ section, things }) => (section.kind === apiKeyKind ? things : []))

const STATE_FILE = '.keyway/apply.json'

async function readText(machine: Machine, file: string) {
  if (file === '-') {
    const bytes = await machine.readStdin('Settings')
    return { text: bytes.toString('utf8'), folder: machine.folder }
  }
  const path = resolve(machine.folder, file)
  const text = readIfThere(path)
  if (text !== undefined) return { text, folder: dirname(path) }
  throw usage(`There is no file ${file}.`, 'docs/cli.md shows what is in one.')
}

async function readSecrets(machine: Machine, { entries }: Settings): Promise<Wanted[]> {
  const wanted: Wanted[] = []
  for (const entry of entries) wanted.push({ ...entry, secrets: await secretsOf(machine, entry) })
  return wanted
}

async function secretsOf(machine: Machine, { section, name, secrets }: Entry) {
  // A credential may be JSON; the key and the headers of an endpoint are texts.
  const parse = section.name === 'provider_keys' ? keyValue : (text: string) => text
  const values: Record<string, unknown> = {}
  for (const [member, tree] of Object.entries(secrets)) {
    try {
      values[member] = await readSecretTree(machine, tree, parse)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const where = `${section.kind.noun} "${name}", ${member}`
      throw new Failure(error.exitCode, `${where}: ${error.message}`, error.details)
    }
  }
  return values
}

function withOrganization(options: Options, { organization }: Settings): Options {
  return options.org === undefined && organization !== undefined
    ? { ...options, org: organization }
    : options
}
