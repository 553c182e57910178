import type { UpstreamFormat } from '../../core/translation.ts'
import type { ChatProfile } from './profile.ts'
import { decodeAnswer } from './upstream/decode-answer.ts'
import { streamDecoder } from './upstream/decode-stream.ts'
import { encodeRequest } from './upstream/encode-request.ts'

/** Chat Completions as providers speak them. https://platform.openai.com/docs/api-reference/chat */
export const openAiChatUpstream: UpstreamFormat<ChatProfile> = {
  encodeRequest,
  decodeAnswer,
  streamDecoder,
}
