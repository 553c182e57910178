import type { Credential } from '../../../src/core/credentials.ts'
import { GatewayError } from '../../../src/core/errors.ts'
import type { ClientFormat } from '../../../src/core/translation.ts'
import type { ChatFormat, ClientChatFormat } from '../../../src/core/wire-format.ts'
import { anthropicMessagesClient } from '../../../src/formats/anthropic-messages/client.ts'
import { openAiChatClient } from '../../../src/formats/openai-chat/client.ts'
import { openAiResponsesClient } from '../../../src/formats/openai-responses/client.ts'
import { type ChatService, isChatService } from '../../../src/gateway/passage/upstream-formats.ts'
import type { Site } from '../../../src/providers/provider.ts'
import { findProvider } from '../../../src/providers/registry.ts'

/** The formats that callers speak. */
export const CLIENTS: Readonly<Record<ClientChatFormat, ClientFormat>> = {
  'openai-chat': openAiChatClient,
  'openai-responses': openAiResponsesClient,
  'anthropic-messages': anthropicMessagesClient,
}

export const CLIENT_NAMES = Object.keys(CLIENTS) as readonly ClientChatFormat[]

/** A model at a provider, spoken to in one of the provider's formats. */
export interface Place {
  readonly provider: string
  readonly model: string
  readonly service: ChatService
  readonly site: Site
}

const KEY: Credential = { kind: 'key', apiKey: 'k' }
const CREDENTIALS: Readonly<Record<string, Credential>> = {
  bedrock: { kind: 'aws', regions: { global: { apiKey: 'k' } } },
  azure: { kind: 'azure', endpoint: 'https://r.openai.azure.com', apiKey: 'k' },
  google_vertex_ai: {
    kind: 'google',
    projectId: 'project-1',
    clientEmail: 'a@project-1.iam.gserviceaccount.com',
    privateKey: '',
  },
}
const LOCATIONS: Readonly<Record<string, string>> = {
  bedrock: 'us-east-1',
  google_vertex_ai: 'global',
}

/** Where the gateway would send a call for the model, were it to be sent in this format. */
export function placeOf(provider: string, model: string, format: ChatFormat): Place {
  const service = findProvider(provider)?.services.find(
    (row) => row.format === format && (row.models?.test(model) ?? true),
  )
  if (service === undefined || !isChatService(service)) {
    throw new Error(`${provider} does not speak ${format} for ${model}`)
  }
  const credential = CREDENTIALS[provider] ?? KEY
  const site = { credential, settings: {}, location: LOCATIONS[provider] ?? '' }
  return { provider, model, service, site }
}

export const CUT_OFF = new GatewayError('upstream_error', 'it stopped before it was complete')
