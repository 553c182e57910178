import type { ChatMessage } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'

/**
 * Holds calls and results to OpenAI's rule: each call is answered once, by a tool message directly behind the message
 * that it stands in, in any order. Errors name the message, so that a caller finds it in a long conversation.
 */
export interface CallPairing {
  /** `path` is the message's, with a dot at its end. */
  next(message: ChatMessage, path: string): void
  end(): void
}

export function callPairing(): CallPairing {
  /** Calls that wait for their results, by their ids, with their paths. */
  const open = new Map<string, string>()
  const refuseOpenCalls = (): void => {
    const [path] = open.values()
    if (path === undefined) return
    throw invalidRequest(`${path} needs a tool message with its result directly behind it.`, path)
  }
  return {
    next(message, path) {
      if (message.role === 'tool') {
        if (open.delete(message.callId)) return
        const param = `${path}tool_call_id`
        throw invalidRequest(
          `${param} must be the id of a call in the assistant message before, which no other tool message answers.`,
          param,
        )
      }
      refuseOpenCalls()
      if (message.role !== 'assistant') return
      const calls = message.content.filter((part) => part.kind === 'tool-call')
      for (const [index, { id }] of calls.entries()) {
        const call = `${path}tool_calls.${index}`
        if (open.has(id)) throw invalidRequest(`${call}.id is that of another call.`, `${call}.id`)
        open.set(id, call)
      }
    },
    end: refuseOpenCalls,
  }
}
