import type { Tool } from '../../core/chat.ts'
import { invalidRequest } from '../../core/errors.ts'
import { stableHash } from '../../core/stable-hash.ts'

/** What Google calls a function name. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/
const HASH_LENGTH = 8
const MAX_LENGTH = 128

/** The name to use with Google. It follows from the caller's name alone, so a conversation keeps its names as it grows. */
export function encodeToolName(name: string): string {
  if (NAME.test(name)) return name
  const plain = `_${name.replaceAll(/[^A-Za-z0-9_.:-]/g, '_')}`
  return `${plain.slice(0, MAX_LENGTH - HASH_LENGTH - 1)}_${stableHash(name, HASH_LENGTH)}`
}

/** The caller's name for a name of Google's. */
export function toolNameDecoder(tools: readonly Tool[]): (name: string) => string {
  const renamed = new Map(
    tools
      .filter(({ name }) => !NAME.test(name))
      .map(({ name }) => [encodeToolName(name), name] as const),
  )
  return (name) => renamed.get(name) ?? name
}

/** Refuses names that would be one at Google. */
export function requireDistinctNames(tools: readonly Tool[]): void {
  const seen = new Set<string>()
  for (const [index, { name }] of tools.entries()) {
    const encoded = encodeToolName(name)
    if (seen.has(encoded)) {
      throw invalidRequest('tools has two tools that cannot be told apart.', `tools.${index}`)
    }
    seen.add(encoded)
  }
}
