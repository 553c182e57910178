import type { Tool } from './chat.ts'
import { stableHash } from './stable-hash.ts'

/**
 * Names of tools for providers that take letters, digits, `_` and `-` only, and no more than so many. A name that is
 * neither is made plain, always in the same way, so that a conversation keeps its names as it grows.
 */
export function plainToolName(name: string, maxLength: number): string {
  const plain = name.replaceAll(/[^a-zA-Z0-9_-]/g, '_')
  if (plain === name && name !== '' && name.length <= maxLength) return name
  const hash = `_${stableHash(name, 8)}`
  return plain.slice(0, maxLength - hash.length) + hash
}

/** Turns plain names back into the caller's own. */
export function callersToolName(
  tools: readonly Tool[],
  maxLength: number,
): (plain: string) => string {
  const renamed = new Map<string, string>()
  for (const { name } of tools) {
    const plain = plainToolName(name, maxLength)
    if (plain !== name) renamed.set(plain, name)
  }
  return (plain) => renamed.get(plain) ?? plain
}
