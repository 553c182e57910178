import type { ChatEvent } from '../../core/chat-events.ts'
import type { ChatAnswer, ChatRequest } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { JsonObject } from '../../core/parse.ts'
import type { StreamDecoder, UpstreamFormat } from '../../core/translation.ts'
import type { ChatFormat } from '../../core/wire-format.ts'
import { anthropicMessagesUpstream } from '../../formats/anthropic-messages/upstream.ts'
import { bedrockConverseUpstream } from '../../formats/bedrock-converse/upstream.ts'
import { geminiUpstream } from '../../formats/gemini/upstream.ts'
import { openAiChatUpstream } from '../../formats/openai-chat/upstream.ts'
import { openAiResponsesUpstream } from '../../formats/openai-responses/upstream.ts'
import type { Service, Site } from '../../providers/provider.ts'

/** A service that conversations can be translated for. */
export type ChatService = Extract<Service, { readonly format: ChatFormat }>

export function isChatService(service: Service): service is ChatService {
  return 'profile' in service
}

/** A provider's format, for one conversation with one model of its. */
export interface UpstreamTranslator {
  encodeRequest(compat: Compat): JsonObject
  decodeAnswer(body: JsonObject): ChatAnswer
  streamDecoder(emit: (event: ChatEvent) => void): StreamDecoder
}

export interface Conversation {
  readonly model: string
  readonly request: ChatRequest
  readonly requestId: string
}

/** The one place that knows which code speaks which provider's format. */
export function upstreamTranslator(
  service: ChatService,
  site: Site,
  conversation: Conversation,
): UpstreamTranslator {
  const { model } = conversation
  switch (service.format) {
    case 'openai-chat':
      return bind(openAiChatUpstream, service.profile(model, site), conversation)
    case 'openai-responses':
      return bind(openAiResponsesUpstream, service.profile(model, site), conversation)
    case 'anthropic-messages':
      return bind(anthropicMessagesUpstream, service.profile(model, site), conversation)
    case 'bedrock-converse':
      return bind(bedrockConverseUpstream, service.profile(model, site), conversation)
    case 'gemini':
      return bind(geminiUpstream, service.profile(model, site), conversation)
    default:
      return service satisfies never
  }
}

function bind<Profile>(
  format: UpstreamFormat<Profile>,
  profile: Profile,
  { model, request, requestId }: Conversation,
): UpstreamTranslator {
  const source = { model, profile, request, requestId }
  return {
    encodeRequest: (compat) => format.encodeRequest(request, { model, profile, compat }),
    decodeAnswer: (body) => format.decodeAnswer(body, source),
    streamDecoder: (emit) => format.streamDecoder(source, emit),
  }
}
