import { isObject, type JsonObject } from '../../src/core/parse.ts'
import { usage } from '../failure.ts'
import type { Machine } from '../machine.ts'
import { readSecret } from '../read-secret.ts'
import { parseSecretField, type SecretSource } from '../secret-source.ts'

/** A secret member of the settings file: where its value is, or an object of such places. */
export type SecretTree =
  | { readonly kind: 'read'; readonly source: SecretSource }
  | { readonly kind: 'given'; readonly value: unknown }
  | { readonly kind: 'object'; readonly members: Readonly<Record<string, SecretTree>> }

/** Parts of a credential that are no secret and may be written down. */
const OPEN_MEMBERS = new Set(['endpoint', 'access_key_id', 'tenant_id', 'client_id', 'scope'])

const WANTED =
  'must say where the secret is: {env: NAME}, {file: PATH}, {k8s: NAMESPACE/NAME/FIELD} or {stdin: true}.'

/** Checks one. What stands there in place of a source could be a secret, so no message repeats it. */
export function parseSecretTree(value: unknown, path: string): SecretTree {
  // Takes away what is stored.
  if (value === null) return given(value)
  if (!isObject(value))
    throw usage(`${path} ${WANTED}`, 'A secret itself has no place in the file.')
  // The gateway finds these itself.
  if (Object.hasOwn(value, 'source')) return { kind: 'given', value }
  const source = sourceIn(value, path)
  if (source !== undefined) return { kind: 'read', source }
  const entries = Object.entries(value).map(([name, inner]) => {
    const isOpen = typeof inner === 'string' && OPEN_MEMBERS.has(name)
    const tree = isOpen ? given(inner) : parseSecretTree(inner, `${path}.${name}`)
    return [name, tree] as const
  })
  if (entries.length === 0) throw usage(`${path} ${WANTED}`)
  return { kind: 'object', members: Object.fromEntries(entries) }
}

/** Headers, whose values may be no secret: those say `{text: …}`. */
export function parseHeaderTree(value: unknown, path: string): SecretTree {
  if (value === null) return given(value)
  if (!isObject(value)) throw usage(`${path} must be an object of headers.`)
  const entries = Object.entries(value).map(([name, inner]) => {
    const text = isObject(inner) && Object.keys(inner).length === 1 ? inner['text'] : undefined
    const isText = typeof text === 'string'
    return [
      name.toLowerCase(),
      isText ? given(text) : parseSecretTree(inner, `${path}.${name}`),
    ] as const
  })
  return { kind: 'object', members: Object.fromEntries(entries) }
}

/** The value, read from where it is; `parse` is for secrets that may be JSON. */
export async function readSecretTree(
  machine: Machine,
  tree: SecretTree,
  parse: (text: string) => unknown,
): Promise<unknown> {
  switch (tree.kind) {
    case 'given':
      return tree.value
    case 'read':
      return parse(await readSecret(machine, tree.source))
    case 'object': {
      const members: Record<string, unknown> = {}
      for (const [name, inner] of Object.entries(tree.members)) {
        members[name] = await readSecretTree(machine, inner, parse)
      }
      return members
    }
    default:
      return tree satisfies never
  }
}

/** How often standard input is read: there is only one. */
export function stdinUses(tree: SecretTree): number {
  if (tree.kind === 'read') return tree.source.kind === 'stdin' ? 1 : 0
  if (tree.kind === 'given') return 0
  return Object.values(tree.members).reduce((sum, inner) => sum + stdinUses(inner), 0)
}

const given = (value: unknown): SecretTree => ({ kind: 'given', value })

function sourceIn(object: JsonObject, path: string): SecretSource | undefined {
  const [[kind, value] = ['', undefined], ...others] = Object.entries(object)
  if (others.length > 0) return undefined
  if (kind === 'env' && isName(value)) return { kind, name: value }
  if (kind === 'file' && isName(value)) return { kind, path: value }
  if (kind === 'k8s' && isName(value)) return { kind, ...parseSecretField(value, `${path}.k8s`) }
  if (kind === 'stdin' && value === true) return { kind }
  if (kind === 'stdin' && isName(value)) return { kind, field: value }
  return undefined
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''
