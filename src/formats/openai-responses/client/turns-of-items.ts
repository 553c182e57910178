import type {
  AssistantPart,
  ChatMessage,
  SystemMessage,
  ToolMessage,
  UserMessage,
} from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'

/**
 * Gathers items into turns. Each call is answered once, by an output somewhere behind it; outputs come directly behind
 * their turn here, where every other format wants them. Errors name the item.
 */
export interface TurnsOfItems {
  addMessage(message: SystemMessage | UserMessage): void
  /** Goes on with the assistant's turn where nothing else came since. */
  addParts(parts: readonly AssistantPart[], path: string): void
  addResult(result: ToolMessage, path: string): void
  /** The whole conversation. */
  messages(): readonly ChatMessage[]
}

interface Turn {
  readonly content: AssistantPart[]
  readonly results: ToolMessage[]
}

interface WaitingCall {
  readonly turn: Turn
  readonly path: string
}

export function turnsOfItems(): TurnsOfItems {
  const entries: (SystemMessage | UserMessage | Turn)[] = []
  const waiting = new Map<string, WaitingCall>()
  let current: Turn | undefined
  const openTurn = (): Turn => {
    const turn: Turn = { content: [], results: [] }
    entries.push(turn)
    return turn
  }
  return {
    addMessage(message) {
      entries.push(message)
      current = undefined
    },
    addParts(parts, path) {
      if (parts.length === 0) return
      current ??= openTurn()
      current.content.push(...parts)
      for (const part of parts) {
        if (part.kind !== 'tool-call') continue
        if (waiting.has(part.id)) {
          throw invalidRequest(`${path}.call_id is that of another call.`, `${path}.call_id`)
        }
        waiting.set(part.id, { turn: current, path })
      }
    },
    addResult(result, path) {
      const call = waiting.get(result.callId)
      if (call === undefined) {
        throw invalidRequest(
          `${path}.call_id must be that of a call before it, which no other output answers.`,
          `${path}.call_id`,
        )
      }
      waiting.delete(result.callId)
      call.turn.results.push(result)
      current = undefined
    },
    messages() {
      const [call] = waiting.values()
      if (call !== undefined) {
        throw invalidRequest(`${call.path} needs an output with its call_id behind it.`, call.path)
      }
      return entries.flatMap((entry): readonly ChatMessage[] => {
        if ('role' in entry) return [entry]
        return [{ role: 'assistant', content: entry.content }, ...entry.results]
      })
    },
  }
}
