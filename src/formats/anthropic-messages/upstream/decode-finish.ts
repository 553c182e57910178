import type { Finish, FinishReason } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'

/** https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content-filter',
  pause_turn: 'pause',
  compaction: 'pause',
}

/** `delta` holds `stop_reason` and what belongs to it. A reason that is not known ends an answer like any other. */
export function decodeFinish(delta: JsonObject, hasCalls: boolean): Finish {
  const { stop_reason: said, stop_sequence: stopSequence } = delta
  const known = typeof said === 'string' && Object.hasOwn(REASONS, said) ? REASONS[said] : undefined
  const reason = known ?? 'stop'
  // `tool_use` is one of them only where there are calls: those that stood for the answer are none.
  if (reason === 'stop' && hasCalls) return { reason: 'tool-calls' }
  return typeof stopSequence === 'string' && reason === 'stop-sequence'
    ? { reason, stopSequence }
    : { reason }
}

/** Why the model refused, as far as it is told. */
export function refusalOf({ stop_reason: reason, stop_details: details }: JsonObject): string {
  if (reason !== 'refusal' || typeof details !== 'object' || details === null) return ''
  const explanation = 'explanation' in details ? details.explanation : undefined
  return typeof explanation === 'string' ? explanation : ''
}
