import type { ChatAnswer } from '../../../../src/core/chat.ts'
import type { AnswerContext } from '../../../../src/core/translation.ts'
import { decode } from './request.ts'

export const CONTEXT: AnswerContext = {
  model: 'asked-model',
  request: decode({}),
  requestId: 'req_1',
  createdSeconds: 0,
}

export const answerOf = (
  content: ChatAnswer['content'],
  more: Partial<ChatAnswer> = {},
): ChatAnswer => ({ content, finish: { reason: 'stop' }, ...more })
