import type { Command } from 'commander'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { GlobalOptions } from '../connection.ts'
import { usage } from '../failure.ts'
import type { Machine } from '../machine.ts'
import { createOutput } from '../output.ts'
import { readIfThere, writePrivate } from '../private-file.ts'
import { secretsText } from '../secrets-file.ts'

interface Options extends GlobalOptions {
  readonly force?: boolean
  readonly deployFile: string
  readonly folder: string
}

/** The file that `wrangler dev` and `npm start` read. */
const LOCAL_FILE = '.dev.vars'

/** `keyway init`. */
export function addInit(program: Command, machine: Machine): void {
  program
    .command('init')
    .description(
      'Makes the secrets of a deployment: .dev.vars for this machine, and a file to deploy',
    )
    .option('--folder <path>', 'where the project is', '.')
    .option('--deploy-file <name>', 'the file to deploy with', '.env.production')
    .option(
      '--force',
      'renew those that exist; what the old master keys sealed can still be opened',
    )
    .action(function action(this: Command) {
      const options = this.optsWithGlobals<Options>()
      const folder = resolve(machine.folder, options.folder)
      if (!existsSync(folder)) throw usage(`There is no folder ${options.folder}.`)
      const files = [LOCAL_FILE, options.deployFile].map((name) => ({
        name,
        did: makeSecrets(resolve(folder, name), options.force === true, machine.now()),
      }))
      const output = createOutput(machine, options.json === true)
      if (output.isJson) output.done('', { files })
      else machine.print(`${files.map((file) => sentence(file)).join('\n')}\n\n${NEXT(options)}`)
    })
}

type Did = 'made' | 'renewed' | 'kept'

function makeSecrets(path: string, isForced: boolean, now: Date): Did {
  const before = readIfThere(path)
  if (before !== undefined && !isForced) return 'kept'
  const fresh = {
    adminToken: randomBytes(24).toString('base64url'),
    // Ids must differ between the keys of one file: the day and some letters say when it came in.
    masterKeyId: `k${now.toISOString().slice(0, 10).replaceAll('-', '')}${randomBytes(2).toString('hex')}`,
    masterKey: randomBytes(32).toString('base64'),
  }
  writePrivate(path, secretsText(before ?? '', fresh), { replace: isForced })
  return before === undefined ? 'made' : 'renewed'
}

function sentence({ name, did }: { readonly name: string; readonly did: Did }): string {
  if (did === 'made') return `Made ${name}, which only you can read.`
  if (did === 'kept') return `Kept ${name} as it is (--force renews it).`
  return `Renewed ${name}: a new ADMIN_TOKEN, and a new master key before the old ones.`
}

const NEXT = ({ deployFile }: Options): string => `Next:

  npm start                                       # try it on this machine
  npx wrangler login
  npm run deploy -- --secrets-file ${deployFile}   # then keep that file somewhere safe, and out of Git
  export KEYWAY_URL=https://keyway.YOUR-NAME.workers.dev
  npx keyway doctor --token-file ${deployFile}
  npx keyway orgs create --name "My organization" --token-file ${deployFile}

Without MASTER_KEYS no stored credential can ever be opened again.`
