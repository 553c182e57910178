import type { StreamDialect, SurfaceFormat } from '../../core/wire-format.ts'
import { anthropicStream } from '../../formats/anthropic-messages/stream.ts'
import { geminiStream } from '../../formats/gemini/stream.ts'
import { openAiChatStream } from '../../formats/openai-chat/stream.ts'
import { openAiResponsesStream } from '../../formats/openai-responses/stream.ts'
import type { NativeDialect } from '../../providers/provider.ts'

/** The dialect that streams of each format are in. Formats that never stream fail in the shape of their family. */
const DIALECTS: Readonly<Record<NativeDialect | SurfaceFormat, StreamDialect>> = {
  'openai-chat': openAiChatStream,
  'openai-responses': openAiResponsesStream,
  'anthropic-messages': anthropicStream,
  gemini: geminiStream,
  'openai-embeddings': openAiChatStream,
  'anthropic-count-tokens': anthropicStream,
}

export function dialectOf(format: NativeDialect | SurfaceFormat): StreamDialect {
  return DIALECTS[format]
}
