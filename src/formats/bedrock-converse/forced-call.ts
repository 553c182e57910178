import type { ChatRequest } from '../../core/chat.ts'

/** Whether the answer may be a tool call of the caller's. */
export function allowsCalls({ tools, toolChoice }: ChatRequest): boolean {
  if (tools.length === 0 || toolChoice?.kind === 'none') return false
  return toolChoice?.kind !== 'allowed' || toolChoice.names.length > 0
}

/** Whether the caller has made the answer a tool call. */
export function forcesCall(request: ChatRequest): boolean {
  const { toolChoice } = request
  if (toolChoice === undefined || !allowsCalls(request)) return false
  const mode = toolChoice.kind === 'allowed' ? toolChoice.mode : toolChoice.kind
  return mode === 'required' || mode === 'tool'
}
