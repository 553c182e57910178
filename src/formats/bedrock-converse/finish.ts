import type { ChatRequest, Finish, FinishReason } from '../../core/chat.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'

/** A finish, or the words for an answer that is none. */
export type Ending =
  | { readonly kind: 'finish'; readonly finish: Finish }
  | { readonly kind: 'failure'; readonly message: string; readonly type: string }

const REASONS: ReadonlyMap<unknown, FinishReason> = new Map<unknown, FinishReason>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['tool_use', 'tool-calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['content_filtered', 'content-filter'],
  ['guardrail_intervened', 'content-filter'],
])

const FAILURES: ReadonlyMap<unknown, string> = new Map([
  ['malformed_model_output', 'The model gave an answer that cannot be read.'],
  ['malformed_tool_use', 'The model called a tool in a way that cannot be read.'],
])

/**
 * How an answer ended, by the members of `messageStop` or of a whole answer. Reasons that are not known mean no more than
 * that it ended.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_MessageStopEvent.html
 */
export function decodeEnding(
  { stopReason, additionalModelResponseFields: fields }: JsonObject,
  hasCalls: boolean,
  { stop }: ChatRequest,
): Ending {
  const failure = FAILURES.get(stopReason)
  if (failure !== undefined) return { kind: 'failure', message: failure, type: String(stopReason) }
  const met = metSequence(fields)
  const said = REASONS.get(stopReason) ?? 'stop'
  const reason = said === 'stop' && met !== undefined ? 'stop-sequence' : said
  if (reason === 'stop-sequence') {
    // Of one that was asked for, it is known which it was.
    const stopSequence = met ?? (stop.length === 1 ? stop[0] : undefined)
    return {
      kind: 'finish',
      finish: stopSequence === undefined ? { reason } : { reason, stopSequence },
    }
  }
  // A call that the answer was taken from is none to the caller; one that was made counts, whatever the reason.
  if (reason === 'tool-calls' && !hasCalls) return { kind: 'finish', finish: { reason: 'stop' } }
  if (reason === 'stop' && hasCalls) return { kind: 'finish', finish: { reason: 'tool-calls' } }
  return { kind: 'finish', finish: { reason } }
}

/** Whether an answer ended before its time, perhaps amid a call. */
export function isCutOff({ stopReason }: JsonObject): boolean {
  const reason = REASONS.get(stopReason)
  return reason === 'length' || reason === 'content-filter'
}

/** Claude's `delta.stop_sequence`, which requests with stop sequences ask for. */
function metSequence(fields: unknown): string | undefined {
  const delta = isObject(fields) ? fields['delta'] : undefined
  const sequence = isObject(delta) ? delta['stop_sequence'] : undefined
  return typeof sequence === 'string' ? sequence : undefined
}
