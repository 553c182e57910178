import type { UpstreamFormat } from '../../core/translation.ts'
import { decodeAnswer } from './decode-answer.ts'
import { streamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import type { ConverseProfile } from './profile.ts'

/**
 * Bedrock's Converse, as providers speak it. A stream's events are the payloads of AWS event-stream frames, each named by
 * its frame's `:event-type`; frames that are exceptions do not come here.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html
 */
export const bedrockConverseUpstream: UpstreamFormat<ConverseProfile> = {
  encodeRequest,
  decodeAnswer,
  streamDecoder,
}
