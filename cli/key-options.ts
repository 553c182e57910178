import type { Command } from 'commander'
import { isObject, type JsonObject, tryParseJson } from '../src/core/parse.ts'
import { jsonObject } from './arguments.ts'
import { usage } from './failure.ts'
import type { Machine } from './machine.ts'
import { readSecret } from './read-secret.ts'
import { parseSecretField, type SecretSource } from './secret-source.ts'

/** The options that say where a key is read from. */
export interface KeyOptions {
  readonly keyEnv?: string
  readonly keyFile?: string
  readonly keyStdin?: boolean
  readonly keyK8sSecret?: string
  readonly k8sField?: string
  readonly keyInside?: JsonObject
}

/** Adds them to a command. */
export function withKeyOptions(command: Command): Command {
  return command
    .option('--key-env <name>', 'the key is in this environment variable')
    .option('--key-file <path>', 'the key is in this file')
    .option('--key-stdin', 'the key comes on standard input; at a terminal it is asked for')
    .option('--key-k8s-secret <namespace/name/field>', 'the key is read with kubectl')
    .option('--k8s-field <field>', 'with --key-stdin: the input is a Kubernetes secret as JSON')
}

/** Adds the option for keys that are one part of a JSON object. */
export function withKeyInside(command: Command): Command {
  return command.option(
    '--key-inside <json>',
    'the key is a part of this object, at "@": \'{"endpoint":"https://…","api_key":"@"}\'',
    jsonObject,
  )
}

/** Where the key is to be read from, or undefined when no option says so. */
export function keySource(options: KeyOptions): SecretSource | undefined {
  const { keyEnv, keyFile, keyStdin, keyK8sSecret, k8sField } = options
  if (k8sField !== undefined && keyStdin !== true) {
    throw usage('--k8s-field goes with --key-stdin.', 'kubectl get secret … -o json | keyway …')
  }
  const sources: SecretSource[] = []
  if (keyEnv !== undefined) sources.push({ kind: 'env', name: keyEnv })
  if (keyFile !== undefined) sources.push({ kind: 'file', path: keyFile })
  if (keyStdin === true) {
    sources.push({ kind: 'stdin', ...(k8sField === undefined ? {} : { field: k8sField }) })
  }
  if (keyK8sSecret !== undefined) {
    sources.push({ kind: 'k8s', ...parseSecretField(keyK8sSecret, '--key-k8s-secret') })
  }
  if (sources.length <= 1) return sources[0]
  throw usage('Say one place to read the key from, not more.')
}

/** The key that the options name, as the gateway takes it; undefined when they name none. */
export async function keyIn(machine: Machine, options: KeyOptions): Promise<unknown> {
  const text = await keyTextIn(machine, options)
  if (text !== undefined) {
    const secret = keyValue(text)
    return options.keyInside === undefined ? secret : insert(options.keyInside, secret)
  }
  if (options.keyInside === undefined) return undefined
  throw usage('--key-inside needs a key to put there.', KEY_ADVICE)
}

/** The key that the options name, as it was read. */
export async function keyTextIn(
  machine: Machine,
  options: KeyOptions,
): Promise<string | undefined> {
  const source = keySource(options)
  return source === undefined ? undefined : readSecret(machine, source)
}

export const KEY_ADVICE =
  'Say where to read it: --key-env NAME, --key-file PATH, --key-stdin or --key-k8s-secret NAMESPACE/NAME/FIELD.'

/** A key that is JSON as the object that it is, so that a refusal can name the member. */
export function keyValue(secret: string): unknown {
  const value = tryParseJson(secret)
  return isObject(value) ? value : secret
}

function insert(object: JsonObject, secret: unknown): JsonObject {
  let isUsed = false
  const put = (value: unknown): unknown => {
    if (isObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, put(inner)]))
    }
    if (value !== '@') return value
    isUsed = true
    return secret
  }
  const result = put(object)
  if (isObject(result) && isUsed) return result
  throw usage('--key-inside must have "@" where the key goes.')
}
