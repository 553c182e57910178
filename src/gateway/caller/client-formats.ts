import type { ClientFormat } from '../../core/translation.ts'
import type { SurfaceFormat } from '../../core/wire-format.ts'
import { anthropicMessagesClient } from '../../formats/anthropic-messages/client.ts'
import { openAiChatClient } from '../../formats/openai-chat/client.ts'
import { openAiResponsesClient } from '../../formats/openai-responses/client.ts'

/** The formats that callers speak: where they and the providers' meet. The formats themselves do not know each other. */
const CLIENTS: Readonly<Record<SurfaceFormat, ClientFormat | undefined>> = {
  'openai-chat': openAiChatClient,
  'openai-responses': openAiResponsesClient,
  'anthropic-messages': anthropicMessagesClient,
  'openai-embeddings': undefined,
  'anthropic-count-tokens': undefined,
}

/** The caller's format; undefined for what is no conversation. */
export function clientFormat(format: SurfaceFormat): ClientFormat | undefined {
  return CLIENTS[format]
}
