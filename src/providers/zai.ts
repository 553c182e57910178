import type { KeyCredential } from '../core/credentials.ts'
import { bearer, keyFormat } from '../upstream-auth/static-key.ts'
import { zaiChatProfile } from './models/zai.ts'
import {
  bearerFromCaller,
  flavouredChat,
  modelList,
  openAiDialects,
  openAiModel,
} from './openai-compatible.ts'
import type { Provider } from './provider.ts'
import { oneOf, textSetting } from './settings.ts'

const BASE = 'https://api.z.ai/api/paas/v4'

/** https://docs.z.ai/api-reference. A coding plan's key works on the plan's own base only, and the other way round. */
export const zai: Provider<KeyCredential> = {
  name: 'zai',
  credential: keyFormat,
  auth: () => bearer,
  base: ({ settings }) => textSetting(settings, 'base_url') ?? BASE,
  settings: {
    base_url: oneOf([
      BASE,
      'https://api.z.ai/api/coding/paas/v4',
      'https://open.bigmodel.cn/api/paas/v4',
    ]),
  },
  services: [flavouredChat(zaiChatProfile)],
  native: {
    headers: [],
    dialects: openAiDialects,
    modelIn: [openAiModel, [/\/(?:images|videos)\/generations$/, 'body']],
  },
  passthrough: bearerFromCaller,
  probe: modelList,
  families: /^glm-/,
  models: ['glm-5.3', 'glm-5.2', 'glm-4.7'],
  // All of them come with 429. https://docs.z.ai/api-reference/api-code
  errorWords: { 1113: 'spent', 1302: 'rate-limited', 1305: 'overloaded', 1308: 'spent' },
}
