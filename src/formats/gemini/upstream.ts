import type { UpstreamFormat } from '../../core/translation.ts'
import { decodeAnswer } from './decode-answer.ts'
import { streamDecoder } from './decode-stream.ts'
import { encodeRequest } from './encode-request.ts'
import type { GeminiProfile } from './profile.ts'

/** Gemini's generateContent and streamGenerateContent, as Vertex AI offers them. */
export const geminiUpstream: UpstreamFormat<GeminiProfile> = {
  encodeRequest,
  decodeAnswer,
  streamDecoder,
}
