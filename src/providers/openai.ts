import type { KeyCredential } from '../core/credentials.ts'
import { defined } from '../core/read.ts'
import { bearer, keyFormat } from '../upstream-auth/static-key.ts'
import { openAiResponsesProfile } from './models/openai-responses.ts'
import { openAiChatProfile, takesOnChat } from './models/openai.ts'
import {
  bearerFromCaller,
  chatCompletions,
  chatEdits,
  embeddings,
  modelList,
  openAiDialects,
  openAiModel,
  responses,
} from './openai-compatible.ts'
import type { Provider, TokenCounting } from './provider.ts'
import { OPENAI_RESET_HEADERS } from './reset-headers.ts'
import { oneOf, textSetting } from './settings.ts'

const BASE = 'https://api.openai.com/v1'
const REGIONS = ['us', 'eu', 'ae', 'au', 'in', 'jp']

/** https://platform.openai.com/docs/api-reference/responses/input-tokens */
const INPUT_TOKENS: TokenCounting<KeyCredential> = {
  path: () => '/responses/input_tokens',
  body: ({ model, input, instructions, tools, tool_choice, text, reasoning }) =>
    defined({ model, input, instructions, tools, tool_choice, text, reasoning }),
  tokensIn: ({ input_tokens }) => input_tokens,
}

/** https://platform.openai.com/docs/api-reference */
export const openai: Provider<KeyCredential> = {
  name: 'openai',
  credential: keyFormat,
  auth: () => bearer,
  base: ({ settings }) => textSetting(settings, 'base_url') ?? BASE,
  settings: {
    base_url: oneOf([BASE, ...REGIONS.map((region) => `https://${region}.api.openai.com/v1`)]),
  },
  services: [
    {
      ...chatCompletions(openAiChatProfile),
      edits: chatEdits,
      takes: takesOnChat,
    },
    { ...responses(openAiResponsesProfile), counting: INPUT_TOKENS },
    embeddings,
  ],
  // OpenAI-Organization and OpenAI-Project stay behind: the credential decides whose account is used.
  native: {
    headers: ['openai-beta', 'idempotency-key'],
    dialects: openAiDialects,
    counting: /\/responses\/input_tokens$/,
    modelIn: [openAiModel],
  },
  passthrough: { ...bearerFromCaller, looksLike: /^sk-(?:proj|svcacct|admin)-/ },
  resetHeaders: OPENAI_RESET_HEADERS,
  probe: modelList,
  families: /^(?:gpt-|chatgpt-|o\d|codex-|text-embedding-)/,
  models: [
    'gpt-6-astra',
    'gpt-6.1-sol',
    'gpt-6.1-terra',
    'gpt-6-sol',
    'gpt-6-luna',
    'gpt-5.6-sol',
    'gpt-5.6-terra',
    'gpt-5.6-luna',
    'gpt-5.5',
    'gpt-5.4',
    'gpt-5.4-mini',
    'gpt-5.4-nano',
    'text-embedding-3-small',
    'text-embedding-3-large',
  ],
}
