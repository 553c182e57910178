import type { Tool } from './chat.ts'
import { plainName } from './plain-name.ts'

/**
 * Turns plain names of tools, no longer than so much, back into the caller's own: those are made plain always in the same
 * way, so that a conversation keeps its names as it grows.
 */
export function callersToolName(
  tools: readonly Tool[],
  maxLength: number,
): (plain: string) => string {
  const renamed = new Map<string, string>()
  for (const { name } of tools) {
    const plain = plainName(name, maxLength)
    if (plain !== name) renamed.set(plain, name)
  }
  return (plain) => renamed.get(plain) ?? plain
}
