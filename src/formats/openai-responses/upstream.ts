import type { UpstreamFormat } from '../../core/translation.ts'
import type { ResponsesProfile } from './profile.ts'
import { decodeAnswer } from './upstream/decode-answer.ts'
import { streamDecoder } from './upstream/decode-stream.ts'
import { encodeRequest } from './upstream/encode-request.ts'

/** OpenAI's Responses, as providers speak it. https://platform.openai.com/docs/api-reference/responses */
export const openAiResponsesUpstream: UpstreamFormat<ResponsesProfile> = {
  encodeRequest,
  decodeAnswer,
  streamDecoder,
}
