import type { ToolCallPart, ToolMessage } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { packToolCallId } from '../../../core/tool-call-id.ts'

/**
 * Pairs the calls of a conversation with their results, under ids that Claude takes: one that another provider made is
 * packed, and one that occurs for the second time, as some providers number the calls of each answer anew, is numbered.
 */
export interface ToolCallPairs {
  /** The id for a call; it awaits its result from here on. */
  open(call: ToolCallPart): string
  /** The ids for the results, and where each stands among the calls. */
  close(results: readonly ToolMessage[]): readonly Result[]
  /** Refuses a conversation in which a call has no result. */
  requireNoneOpen(): void
}

export interface Result {
  readonly message: ToolMessage
  readonly id: string
}

export function toolCallPairs(): ToolCallPairs {
  const taken = new Set<string>()
  const times = new Map<string, number>()
  let open: { readonly callersId: string; readonly id: string }[] = []
  return {
    open({ id: callersId }) {
      let time = times.get(callersId) ?? 0
      let id: string
      do {
        time++
        id = packToolCallId({ id: time === 1 ? callersId : `${callersId}\0${time}` })
      } while (taken.has(id))
      times.set(callersId, time)
      taken.add(id)
      open.push({ callersId, id })
      return id
    },
    close(results) {
      const left = [...results]
      const closed: Result[] = []
      open = open.filter(({ callersId, id }) => {
        const at = left.findIndex(({ callId }) => callId === callersId)
        const [message] = at === -1 ? [] : left.splice(at, 1)
        if (message !== undefined) closed.push({ message, id })
        return message === undefined
      })
      if (left.length > 0) {
        throw invalidRequest(
          'A tool result answers no tool call of the message before it.',
          'messages',
        )
      }
      return closed
    },
    requireNoneOpen() {
      if (open.length === 0) return
      throw invalidRequest(
        `The tool call ${open[0]?.id.slice(0, 80)} has no result in the messages that follow it.`,
        'messages',
      )
    },
  }
}
