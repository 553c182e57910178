import type { Command } from 'commander'
import { seconds } from '../arguments.ts'
import { type GlobalOptions, readUrl } from '../connection.ts'
import { currentKey, type Place } from '../edge-rag/place.ts'
import { replaceWithGiven, rotateInto } from '../edge-rag/set-key.ts'
import { verifyKey } from '../edge-rag/verify.ts'
import { usage } from '../failure.ts'
import { type KeyOptions, keySource, withKeyOptions } from '../key-options.ts'
import type { Machine } from '../machine.ts'
import { createOutput } from '../output.ts'
import { parseSecretField } from '../secret-source.ts'
import { openSession } from '../session.ts'

interface PlaceOptions extends GlobalOptions {
  readonly namespace: string
  readonly secret: string
  readonly field: string
}

interface SetOptions extends PlaceOptions, KeyOptions {
  readonly apiKey?: string
  readonly create?: boolean
  readonly overlap: number
}

const DEFAULT_OVERLAP_SECONDS = 7 * 86_400

/** `keyway edge-rag`: the key that Edge RAG calls its model with, in its Kubernetes secret. */
export function addEdgeRag(program: Command, machine: Machine): void {
  const group = program
    .command('edge-rag')
    .description('The key that Edge RAG (Azure Arc) calls its model with, in its Kubernetes secret')

  withPlace(group.command('get-key'))
    .description('Prints the key that is in the secret')
    .action(async function action(this: Command) {
      const options = this.optsWithGlobals<PlaceOptions>()
      const key = await currentKey(machine, placeOf(options))
      const output = createOutput(machine, options.json === true)
      if (output.isJson) output.one({ key })
      else machine.print(key)
    })

  withKeyOptions(withPlace(group.command('set-key')))
    .description('Puts a new key there: a rotated API key of Keyway, or one that is given')
    .option('--api-key <name-or-id>', 'the API key of Keyway that Edge RAG calls with')
    .option('--create', 'make that API key when there is none of the name')
    .option(
      '--overlap <time>',
      'how long the old key works too; the pods must have started anew by then',
      seconds,
      DEFAULT_OVERLAP_SECONDS,
    )
    .action(async function action(this: Command) {
      const options = this.optsWithGlobals<SetOptions>()
      const place = placeOf(options)
      const source = keySource(options)
      const { apiKey, create = false, overlap } = options
      if ((source === undefined) === (apiKey === undefined)) {
        throw usage(
          'Say which key goes there: --api-key NAME for one of Keyway, or a place to read another from.',
          'keyway edge-rag set-key --api-key "Edge RAG" --create',
        )
      }
      const output = createOutput(machine, options.json === true)
      if (source !== undefined) return replaceWithGiven({ machine, output, place }, source)
      const session = await openSession(machine, options)
      await rotateInto({ ...session, place }, { apiKey: apiKey ?? '', create, overlap })
    })

  withPlace(group.command('verify'))
    .description('Calls Keyway with the key that is in the secret; exits with 1 when it is refused')
    .option('--model <name>', 'also asks this model for a word, as Edge RAG would')
    .action(async function action(this: Command) {
      const options = this.optsWithGlobals<PlaceOptions & { readonly model?: string }>()
      const url = readUrl(machine, options)
      const place = placeOf(options)
      const key = await currentKey(machine, place)
      const result = await verifyKey(machine, { url, key, place }, options.model)
      createOutput(machine, options.json === true).one(result)
    })
}

function withPlace(command: Command): Command {
  return command
    .option('--namespace <name>', 'of the extension', 'arc-rag')
    .option('--secret <name>', 'the Kubernetes secret', 'byom-api-key')
    .option('--field <name>', 'the field in it', 'BYOM_API_KEY')
}

/** Judged before anything is asked of the cluster or of Keyway. */
function placeOf({ namespace, secret, field }: PlaceOptions): Place {
  const text = `${namespace}/${secret}/${field}`
  return parseSecretField(text, '--namespace/--secret/--field together')
}
