import type { ToolCallPart, ToolMessage } from './chat.ts'
import { invalidRequest } from './errors.ts'

/**
 * Pairs the calls of a conversation with their results, under ids that a provider takes. An id that occurs again, as with
 * providers that number the calls of each answer anew, gets one of its own, which follows from how often it came before.
 */
export interface ToolCallPairs {
  /** The id for a call; it awaits its result from here on. */
  open(call: ToolCallPart): string
  /**
   * The results of the calls that are open, in the order of the calls, whatever order they came in. Throws
   * `invalid_request` where a call has no result, or a result no call.
   */
  close(results: readonly ToolMessage[]): readonly PairedResult[]
}

export interface PairedResult {
  readonly call: ToolCallPart
  readonly result: ToolMessage
  readonly id: string
}

/** `idOf` makes an id one that the provider takes: the same one always, and different ones for different ids. */
export function toolCallPairs(idOf: (id: string) => string): ToolCallPairs {
  const times = new Map<string, number>()
  let open: { readonly call: ToolCallPart; readonly id: string }[] = []
  return {
    open(call) {
      const time = (times.get(call.id) ?? 0) + 1
      times.set(call.id, time)
      const id = idOf(time === 1 ? call.id : `${call.id}\0${time}`)
      open.push({ call, id })
      return id
    },
    close(results) {
      const left = [...results]
      const pairs = open.map(({ call, id }): PairedResult => {
        const at = left.findIndex(({ callId }) => callId === call.id)
        const [result] = at === -1 ? [] : left.splice(at, 1)
        if (result !== undefined) return { call, result, id }
        throw invalidRequest(
          'A tool call in messages has no result in the messages that follow it.',
          'messages',
        )
      })
      open = []
      if (left.length > 0) {
        throw invalidRequest(
          'A tool result in messages answers no tool call of the message before it.',
          'messages',
        )
      }
      return pairs
    },
  }
}
