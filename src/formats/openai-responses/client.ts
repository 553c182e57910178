import type { ClientFormat } from '../../core/translation.ts'
import { decodeRequest } from './client/decode-request.ts'
import { encodeAnswer } from './client/encode-answer.ts'
import { streamEncoder } from './client/encode-stream.ts'

/** OpenAI's Responses, as callers speak it. https://platform.openai.com/docs/api-reference/responses */
export const openAiResponsesClient: ClientFormat = {
  decodeRequest,
  encodeAnswer,
  streamEncoder,
  parameterNames: {
    max_tokens: 'max_output_tokens',
    logprobs: 'top_logprobs',
    response_format: 'text.format',
    reasoning_effort: 'reasoning.effort',
    reasoning_summary: 'reasoning.summary',
    verbosity: 'text.verbosity',
    user: 'safety_identifier',
    cache_control: 'prompt_cache_breakpoint',
    messages: 'input',
    image: 'input_image',
    file: 'input_file',
    audio: 'input_audio',
  },
}
