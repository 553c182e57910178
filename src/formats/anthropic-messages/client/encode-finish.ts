import type { ChatRequest, Finish, FinishReason } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'

/** https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  'content-filter': 'refusal',
  pause: 'pause_turn',
}

/**
 * Why the answer ended, as the members that a message and the last delta of a stream have in common. A model that
 * declined in words of its own (`hasRefusal`) has refused too: so a caller who wanted JSON need not parse them to know.
 */
export function encodeFinish(
  { reason, stopSequence }: Finish,
  { stop }: ChatRequest,
  hasRefusal: boolean,
): JsonObject {
  const stopReason = reason === 'stop' && hasRefusal ? 'refusal' : STOP_REASONS[reason]
  const onlySequence = stop.length === 1 ? stop[0] : undefined
  return {
    stop_reason: stopReason,
    stop_sequence: reason === 'stop-sequence' ? (stopSequence ?? onlySequence ?? null) : null,
    stop_details:
      stopReason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null,
  }
}
