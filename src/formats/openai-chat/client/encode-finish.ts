import type { Finish, FinishReason } from '../../../core/chat.ts'

/** https://platform.openai.com/docs/api-reference/chat/object#chat-object-choices-finish_reason */
export type ChatFinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

/** How an answer ended; the last two are extensions, for what OpenAI has no word. */
export interface EncodedFinish {
  readonly finish_reason: ChatFinishReason
  /** The stop sequence that was met. */
  readonly stop_sequence?: string
  /** The provider paused a long turn; it goes on when the answer is sent back. */
  readonly paused?: true
}

const REASONS: Readonly<Record<FinishReason, ChatFinishReason>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  'tool-calls': 'tool_calls',
  length: 'length',
  'content-filter': 'content_filter',
  pause: 'stop',
}

export function encodeFinish({ reason, stopSequence }: Finish): EncodedFinish {
  return {
    finish_reason: REASONS[reason],
    ...(stopSequence === undefined ? {} : { stop_sequence: stopSequence }),
    ...(reason === 'pause' ? { paused: true } : {}),
  }
}
