import type { KeyCredential } from '../core/credentials.ts'
import { bearer, keyFormat } from '../upstream-auth/static-key.ts'
import { deepseekChatProfile } from './models/deepseek.ts'
import {
  bearerFromCaller,
  flavouredChat,
  messagesModel,
  modelList,
  openAiDialects,
  openAiModel,
} from './openai-compatible.ts'
import type { Provider } from './provider.ts'
import { oneOf, textSetting } from './settings.ts'

const BASE = 'https://api.deepseek.com'

/** https://api-docs.deepseek.com */
export const deepseek: Provider<KeyCredential> = {
  name: 'deepseek',
  credential: keyFormat,
  auth: () => bearer,
  base: ({ settings }) => textSetting(settings, 'base_url') ?? BASE,
  settings: { base_url: oneOf([BASE, `${BASE}/beta`]) },
  services: [flavouredChat(deepseekChatProfile)],
  native: {
    headers: ['anthropic-version', 'anthropic-beta'],
    dialects: openAiDialects,
    modelIn: [openAiModel, messagesModel, [/^\/beta\/(?:chat\/)?completions$/, 'body']],
  },
  passthrough: bearerFromCaller,
  probe: modelList,
  families: /^deepseek-/,
  models: ['deepseek-flash', 'deepseek-v4-pro', 'deepseek-v4-flash'],
}
