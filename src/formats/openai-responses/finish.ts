import type { Finish, FinishReason } from '../../core/chat.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'

/** Why an answer is not whole, in this format's words; undefined where it is. */
export type IncompleteReason = 'max_output_tokens' | 'content_filter'

export function incompleteReason(reason: FinishReason): IncompleteReason | undefined {
  switch (reason) {
    case 'length':
      return 'max_output_tokens'
    case 'content-filter':
      return 'content_filter'
    case 'stop':
    case 'stop-sequence':
    case 'tool-calls':
    case 'pause':
      return undefined
    default:
      return reason satisfies never
  }
}

/** How a response that did not fail ended. What it is incomplete for, other than a filter, is a limit of some kind. */
export function decodeFinish(response: JsonObject, hasCalls: boolean): Finish {
  if (response['status'] !== 'incomplete') return { reason: hasCalls ? 'tool-calls' : 'stop' }
  const details = isObject(response['incomplete_details']) ? response['incomplete_details'] : {}
  return { reason: details['reason'] === 'content_filter' ? 'content-filter' : 'length' }
}
