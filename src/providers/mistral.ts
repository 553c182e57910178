import type { KeyCredential } from '../core/credentials.ts'
import { mistralEmbeddings } from '../formats/openai-embeddings/mistral.ts'
import { bearer, keyFormat } from '../upstream-auth/static-key.ts'
import { mistralChatProfile } from './models/mistral.ts'
import {
  bearerFromCaller,
  flavouredChat,
  modelList,
  openAiDialects,
  openAiModel,
} from './openai-compatible.ts'
import type { Provider, Service } from './provider.ts'
import { oneOf, textSetting } from './settings.ts'

const BASE = 'https://api.mistral.ai/v1'

const EMBEDDINGS: Service = {
  format: 'embeddings',
  path: () => '/embeddings',
  edits: () => ({}),
  embeddings: mistralEmbeddings,
}

/** https://docs.mistral.ai/api */
export const mistral: Provider<KeyCredential> = {
  name: 'mistral',
  credential: keyFormat,
  auth: () => bearer,
  base: ({ settings }) => textSetting(settings, 'base_url') ?? BASE,
  settings: {
    base_url: oneOf([BASE, 'https://api.eu.mistral.ai/v1', 'https://api.us.mistral.ai/v1']),
  },
  services: [flavouredChat(mistralChatProfile), EMBEDDINGS],
  native: {
    headers: [],
    dialects: openAiDialects,
    // What an agent is asked goes to the agent's model.
    modelIn: [
      openAiModel,
      [/^(?:\/v1)?\/(?:fim\/completions|(?:chat\/)?(?:moderations|classifications)|ocr)$/, 'body'],
    ],
  },
  errorWords: { rate_limited: 'rate-limited' },
  passthrough: bearerFromCaller,
  probe: modelList,
  families: /^(?:mistral|ministral|magistral|codestral|devstral)-/,
  models: [
    'mistral-large-4-0',
    'mistral-medium-2604',
    'mistral-small-2603',
    'codestral-2508',
    'mistral-embed',
    'codestral-embed',
  ],
}
