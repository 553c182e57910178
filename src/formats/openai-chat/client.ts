import type { ClientFormat } from '../../core/translation.ts'
import { decodeRequest } from './client/decode-request.ts'
import { encodeAnswer } from './client/encode-answer.ts'
import { streamEncoder } from './client/encode-stream.ts'

/** OpenAI's Chat Completions, for callers. https://platform.openai.com/docs/api-reference/chat */
export const openAiChatClient: ClientFormat = {
  decodeRequest,
  parameterNames: {
    max_tokens: 'max_completion_tokens',
    image: 'image_url',
    reasoning_summary: 'thinking.display',
    audio: 'input_audio',
  },
  encodeAnswer,
  streamEncoder,
}
