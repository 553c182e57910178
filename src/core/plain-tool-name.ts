import type { Tool } from './chat.ts'
import { plainName } from './plain-name.ts'

/**
 * Names of tools for providers that take letters, digits, `_` and `-` only, and no more than so many. A name that is
 * neither is made plain, always in the same way, so that a conversation keeps its names as it grows.
 */
export function plainToolName(name: string, maxLength: number): string {
  return plainName(name, maxLength)
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
