import { isObject, type JsonObject, tryParseJson } from '../src/core/parse.ts'
import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'
import type { Ended, Machine } from './machine.ts'

/** One field of a Kubernetes secret. */
export interface SecretField {
  readonly namespace: string
  readonly name: string
  readonly field: string
}

export const fieldText = ({ namespace, name, field }: SecretField): string =>
  `${namespace}/${name}/${field}`

/** The value of the field. The command that runs names the secret and never its value. */
export async function readSecretField(machine: Machine, at: SecretField): Promise<string> {
  const words = ['get', 'secret', at.name, '-n', at.namespace, '-o', 'json']
  const { stdout } = await kubectl(machine, words)
  return fieldOf(tryParseJson(stdout), at.field, `The secret ${at.namespace}/${at.name}`)
}

/**
 * Sets the field and leaves the others as they are; makes the secret when there is none. The value goes through standard
 * input, and a server-side apply leaves no copy of it in an annotation, as other ways to apply do.
 */
export async function writeSecretField(
  machine: Machine,
  at: SecretField,
  value: string,
): Promise<void> {
  const manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: at.name, namespace: at.namespace },
    data: { [at.field]: Buffer.from(value).toString('base64') },
  }
  const words = ['apply', '--server-side', '--force-conflicts', '--field-manager=keyway']
  await kubectl(machine, [...words, '-n', at.namespace, '-f', '-'], JSON.stringify(manifest))
}

/** Rejects unless kubectl could write the secret: to be asked before a key is made that would have no place. */
export async function requireWritable(machine: Machine, at: SecretField): Promise<void> {
  await requireRight(machine, at, 'patch', `secret/${at.name}`)
  const words = ['get', 'secret', at.name, '-n', at.namespace, '-o', 'name']
  const { exitCode, stderr } = await start(machine, words)
  // Where it may not be looked at, it is taken to be there.
  if (exitCode !== 0 && stderr.includes('(NotFound)')) {
    await requireRight(machine, at, 'create', 'secrets')
  }
}

async function requireRight(
  machine: Machine,
  at: SecretField,
  verb: 'patch' | 'create',
  what: string,
): Promise<void> {
  const words = ['auth', 'can-i', verb, what, '-n', at.namespace]
  const { exitCode, stderr } = await start(machine, words)
  if (exitCode === 0) return
  throw new Failure(EXIT.kubectlFailed, `kubectl may not ${verb} ${at.namespace}/${at.name}.`, {
    advice:
      stderr.trim() === '' ? 'Ask for that right, or use another context.' : firstLine(stderr),
  })
}

/** A field of a secret as `kubectl get secret -o json` prints it. */
export function fieldOf(secret: unknown, field: string, whose: string): string {
  const data = isObject(secret) ? secret['data'] : undefined
  if (!isObject(secret) || secret['kind'] !== 'Secret' || !isObject(data)) {
    throw new Failure(EXIT.usage, `${whose} is not the JSON of a Kubernetes secret with data.`, {
      advice: 'It is what kubectl get secret NAME -n NAMESPACE -o json prints.',
    })
  }
  const encoded = Object.hasOwn(data, field) ? data[field] : undefined
  if (typeof encoded === 'string') return decoded(encoded, field, whose)
  throw new Failure(EXIT.usage, `${whose} has no field ${field}.`, { advice: fieldsOf(data) })
}

function fieldsOf(data: JsonObject): string {
  return `It has ${Object.keys(data).toSorted().join(', ') || 'none'}.`
}

function decoded(encoded: string, field: string, whose: string): string {
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') === encoded.replaceAll(/\s/g, '')) return bytes.toString('utf8')
  throw new Failure(EXIT.usage, `${whose}: the field ${field} is not base64.`)
}

async function kubectl(machine: Machine, words: readonly string[], input?: string): Promise<Ended> {
  const ended = await start(machine, words, input)
  if (ended.exitCode === 0) return ended
  const what = `kubectl ${words.slice(0, 3).join(' ')} failed`
  // What kubectl says of a manifest could quote it.
  const why = input === undefined ? `: ${firstLine(ended.stderr)}` : '.'
  throw new Failure(EXIT.kubectlFailed, what + why, {
    advice:
      'Try kubectl config current-context: is it the right cluster, and may you do this there?',
  })
}

async function start(machine: Machine, words: readonly string[], input?: string): Promise<Ended> {
  try {
    return await machine.run('kubectl', words, input)
  } catch {
    throw new Failure(EXIT.kubectlFailed, 'kubectl could not be started.', {
      advice: 'Install it, or put it on the PATH.',
    })
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 300) ?? ''
}
