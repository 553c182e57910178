import { InvalidArgumentError } from 'commander'
import type { Machine } from './machine.ts'
import { readSecret } from './read-secret.ts'
import { parseSecretField, type SecretSource } from './secret-source.ts'

/** A header, and where its value comes from. */
export interface HeaderOption {
  readonly name: string
  readonly value: SecretSource | { readonly kind: 'text'; readonly text: string }
}

/** `CF-Access-Client-Secret=env:NAME`. A value that is no secret says so with `text:`. */
export function parseHeader(text: string): HeaderOption {
  const [, given = '', kind = '', rest = ''] =
    /^([\w-]+)=(env|file|k8s|text):(.+)$/.exec(text) ?? []
  const name = given.toLowerCase()
  switch (kind) {
    case 'text':
      return { name, value: { kind, text: rest } }
    case 'env':
      return { name, value: { kind, name: rest } }
    case 'file':
      return { name, value: { kind, path: rest } }
    case 'k8s':
      return { name, value: { kind, ...parseSecretField(rest, 'k8s:') } }
    default:
      throw new InvalidArgumentError(
        'It must be NAME=env:VARIABLE, NAME=file:PATH, NAME=k8s:NAMESPACE/NAME/FIELD or NAME=text:VALUE.',
      )
  }
}

/** The headers with their values; undefined when none were named. */
export async function headersIn(
  machine: Machine,
  options: readonly HeaderOption[] | undefined,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (options === undefined) return undefined
  const headers: Record<string, string> = {}
  for (const { name, value } of options) {
    headers[name] = value.kind === 'text' ? value.text : await readSecret(machine, value)
  }
  return headers
}
