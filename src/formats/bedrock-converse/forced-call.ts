import type { ChatRequest } from '../../core/chat.ts'

/** Whether the caller has made the answer a tool call. */
export function forcesCall({ tools, toolChoice }: ChatRequest): boolean {
  if (tools.length === 0 || toolChoice === undefined) return false
  const mode = toolChoice.kind === 'allowed' ? toolChoice.mode : toolChoice.kind
  return mode === 'required' || mode === 'tool'
}

/** Whether the answer may be a tool call of the caller's. */
export function allowsCalls({ tools, toolChoice }: ChatRequest): boolean {
  return tools.length > 0 && toolChoice?.kind !== 'none'
}
