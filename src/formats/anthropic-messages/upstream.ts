import type { UpstreamFormat } from '../../core/translation.ts'
import { decodeAnswer } from './decode-answer.ts'
import { streamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import type { ClaudeProfile } from './profile.ts'

/** Anthropic's Messages format, as providers speak it. https://platform.claude.com/docs/en/api/messages */
export const anthropicMessagesUpstream: UpstreamFormat<ClaudeProfile> = {
  encodeRequest,
  decodeAnswer,
  streamDecoder,
}
