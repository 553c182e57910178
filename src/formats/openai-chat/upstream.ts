import type { UpstreamFormat } from '../../core/translation.ts'
import { decodeAnswer } from './decode-answer.ts'
import { streamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import type { ChatProfile } from './profile.ts'

/** Chat Completions as providers speak them. https://platform.openai.com/docs/api-reference/chat */
export const openAiChatUpstream: UpstreamFormat<ChatProfile> = {
  encodeRequest,
  decodeAnswer,
  streamDecoder,
}
