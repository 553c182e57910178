import type { ChatRequest } from '../../core/chat.ts'

/** The tools that take text and not JSON: `custom` ones, whose calls are told apart from those of functions. */
export function freeformNames({ tools }: ChatRequest): ReadonlySet<string> {
  return new Set(tools.filter(({ isFreeform }) => isFreeform === true).map(({ name }) => name))
}
