import type { UpstreamFormat } from '../../core/translation.ts'
import type { ClaudeProfile } from './profile.ts'
import { decodeAnswer } from './upstream/decode-answer.ts'
import { streamDecoder } from './upstream/decode-stream.ts'
import { encodeRequest } from './upstream/encode-request.ts'

/** Anthropic's Messages format, as providers speak it. https://platform.claude.com/docs/en/api/messages */
export const anthropicMessagesUpstream: UpstreamFormat<ClaudeProfile> = {
  encodeRequest,
  decodeAnswer,
  streamDecoder,
}
