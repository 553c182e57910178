import type { StreamDialect } from '../../core/wire-format.ts'
import { encodeError } from './error.ts'

/** Chat completion chunks. https://platform.openai.com/docs/api-reference/chat-streaming */
export const openAiChatStream: StreamDialect = {
  isLast: ({ data }) => data === '[DONE]' || /^\s*\{\s*"error"\s*:/.test(data),
  failure: (error) => `data: ${JSON.stringify(encodeError(error))}\n\n`,
}
