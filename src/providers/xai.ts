import type { KeyCredential } from '../core/credentials.ts'
import type { MemberEdits } from '../core/json-members.ts'
import { liveSearchTools } from '../formats/openai-responses/cached-search.ts'
import { isNotOpenAiEncryption } from '../formats/openai-responses/foreign-items.ts'
import { bearer, keyFormat } from '../upstream-auth/static-key.ts'
import { xaiResponsesProfile } from './models/openai-responses.ts'
import { xaiChatProfile } from './models/xai.ts'
import {
  bearerFromCaller,
  flavouredChat,
  modelList,
  openAiDialects,
  openAiModel,
  responses,
  responsesEdits,
} from './openai-compatible.ts'
import type { Provider, ServiceCall } from './provider.ts'
import { oneOf, textSetting } from './settings.ts'

function grokEdits(call: ServiceCall): MemberEdits {
  const { set } = responsesEdits(call, isNotOpenAiEncryption)
  const tools = liveSearchTools(call.body, call.compat)
  return { set: { ...set, ...(tools === undefined ? {} : { tools }) } }
}

const BASE = 'https://api.x.ai/v1'

/** https://docs.x.ai/docs/api-reference */
export const xai: Provider<KeyCredential> = {
  name: 'xai',
  credential: keyFormat,
  auth: () => bearer,
  base: ({ settings }) => textSetting(settings, 'base_url') ?? BASE,
  settings: { base_url: oneOf([BASE, 'https://us.api.x.ai/v1']) },
  services: [
    flavouredChat(xaiChatProfile),
    { ...responses(xaiResponsesProfile), edits: grokEdits },
  ],
  native: {
    headers: ['x-grok-conv-id'],
    dialects: openAiDialects,
    modelIn: [openAiModel],
    // https://docs.x.ai/docs/api-reference#tokenize-text
    counting: /\/tokenize-text$/,
  },
  passthrough: { ...bearerFromCaller, looksLike: /^xai-/ },
  probe: modelList,
  families: /^grok-/,
  models: ['grok-4.7', 'grok-4.6', 'grok-4.5', 'grok-4.3', 'grok-latest'],
  errorWords: {
    'Some resource has been exhausted': 'rate-limited',
    'The service is currently unavailable': 'overloaded',
  },
  refusesKey: (status, body) => status === 400 && /incorrect api key/i.test(body),
}
