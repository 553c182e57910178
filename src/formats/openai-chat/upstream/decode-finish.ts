import type { Finish } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import type { StreamedError } from '../../../core/wire-format.ts'

/** OpenAI's words for why an answer ended. */
export type FinishWord = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call'

/** The word in a choice, if there is one yet: some servers say in each piece that there is none, as '' or "null". */
export function finishReason({ finish_reason: word }: JsonObject): string | undefined {
  return typeof word === 'string' && word !== '' && word !== 'null' ? word : undefined
}

/** Other hosts' words, in OpenAI's; every other word is an ordinary end. */
const WORDS: Readonly<Record<string, FinishWord>> = {
  length: 'length',
  model_length: 'length',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_calls: 'tool_calls',
  function_call: 'function_call',
  content_filter: 'content_filter',
  sensitive: 'content_filter',
}

/** Ends that are failures, with the status they would have had at the beginning. */
const FAILURES: Readonly<Record<string, { readonly message: string; readonly status: number }>> = {
  error: { message: 'The model failed before its answer was whole.', status: 502 },
  network_error: { message: 'The model failed before its answer was whole.', status: 502 },
  insufficient_system_resource: {
    message: 'The provider had too little capacity to finish the answer.',
    status: 503,
  },
}

/** The failure that a finish reason is; undefined for an end in order, or none yet. */
export function failureOf(reason: unknown): StreamedError | undefined {
  if (typeof reason !== 'string' || !Object.hasOwn(FAILURES, reason)) return undefined
  const failure = FAILURES[reason]
  return failure === undefined ? undefined : { ...failure, code: reason }
}

/**
 * A finish reason in OpenAI's words. Where tools were called, an ordinary end is theirs (several hosts say `stop` then);
 * where none were, nobody can wait for their results.
 */
export function finishWord(reason: string, hasToolCalls: boolean): FinishWord {
  const word = Object.hasOwn(WORDS, reason) ? (WORDS[reason] ?? 'stop') : 'stop'
  if (word === 'length' || word === 'content_filter') return word
  if (hasToolCalls) return 'tool_calls'
  return word === 'tool_calls' ? 'stop' : word
}

/** Why a choice ended, in nobody's dialect. */
export function decodeFinish(choice: JsonObject, reason: string, hasToolCalls: boolean): Finish {
  const word = finishWord(reason, hasToolCalls)
  switch (word) {
    case 'stop':
    case 'function_call': {
      const stopSequence = matchedStop(choice)
      return stopSequence === undefined
        ? { reason: 'stop' }
        : { reason: 'stop-sequence', stopSequence }
    }
    case 'length':
      return { reason: 'length' }
    case 'tool_calls':
      return { reason: 'tool-calls' }
    case 'content_filter':
      return { reason: 'content-filter' }
    default:
      return word satisfies never
  }
}

/** vLLM and SGLang name the stop sequence that was met; a number is the token that ends every answer. */
function matchedStop({ stop_reason, matched_stop }: JsonObject): string | undefined {
  const stop = stop_reason ?? matched_stop
  return typeof stop === 'string' && stop !== '' ? stop : undefined
}
