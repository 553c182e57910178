import { callersToolName } from '../../../core/callers-tool-name.ts'
import type { ChatMessage, Tool } from '../../../core/chat.ts'
import { plainName } from '../../../core/plain-name.ts'

const MAX_LENGTH = 128

/** What a tool is called towards Claude. */
export function claudeToolName(name: string): string {
  return plainName(name, MAX_LENGTH)
}

/** Turns Claude's names of tools into the caller's. */
export function callersNames(tools: readonly Tool[]): (name: string) => string {
  return callersToolName(tools, MAX_LENGTH)
}

/** The tools that were called in a conversation, each once, as Claude calls them. */
export function calledTools(messages: readonly ChatMessage[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const message of messages) {
    if (message.role !== 'assistant') continue
    for (const part of message.content) {
      if (part.kind === 'tool-call') names.add(claudeToolName(part.name))
    }
  }
  return names
}
