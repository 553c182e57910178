import type { StreamDialect, SurfaceFormat } from '../../core/wire-format.ts'
import { anthropicStream } from '../../formats/anthropic-messages/stream.ts'
import { geminiStream } from '../../formats/gemini/stream.ts'
import { openAiChatStream } from '../../formats/openai-chat/stream.ts'
import { openAiResponsesStream } from '../../formats/openai-responses/stream.ts'
import type { NativeDialect } from '../../providers/provider.ts'

/** Which dialect a stream of each kind is in. Where formats meet; the formats themselves do not know each other. */
const DIALECTS: Readonly<Record<NativeDialect, StreamDialect>> = {
  'openai-chat': openAiChatStream,
  'openai-responses': openAiResponsesStream,
  'anthropic-messages': anthropicStream,
  gemini: geminiStream,
}

export function dialectOf(name: NativeDialect): StreamDialect {
  return DIALECTS[name]
}

/** The dialect of a wire format's streams; formats that never stream fail in the shape of their family. */
export function dialectOfFormat(format: SurfaceFormat): StreamDialect {
  switch (format) {
    case 'openai-chat':
    case 'openai-embeddings':
      return openAiChatStream
    case 'openai-responses':
      return openAiResponsesStream
    case 'anthropic-messages':
    case 'anthropic-count-tokens':
      return anthropicStream
    default:
      return format satisfies never
  }
}
