import type { ClientFormat } from '../../core/translation.ts'
import { decodeCountRequest, decodeRequest } from './client/decode-request.ts'
import { encodeAnswer } from './client/encode-answer.ts'
import { streamEncoder } from './client/encode-stream.ts'

/** Anthropic Messages, as callers speak it. https://platform.claude.com/docs/en/api/messages */
export const anthropicMessagesClient: ClientFormat = {
  decodeRequest,
  parameterNames: {
    stop: 'stop_sequences',
    user: 'metadata.user_id',
    response_format: 'output_config.format',
    reasoning_effort: 'thinking',
    reasoning_summary: 'thinking.display',
    parallel_tool_calls: 'tool_choice.disable_parallel_tool_use',
    strict: 'tools.strict',
    file: 'document',
  },
  encodeAnswer,
  streamEncoder,
}

/** The same for conversations that are only to be counted. https://platform.claude.com/docs/en/api/messages-count-tokens */
export const anthropicCountingClient: ClientFormat = {
  ...anthropicMessagesClient,
  decodeRequest: decodeCountRequest,
}
