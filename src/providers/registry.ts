import { anthropic } from './anthropic.ts'
import { azure } from './azure.ts'
import { bedrock } from './bedrock.ts'
import { deepseek } from './deepseek.ts'
import { googleVertexAi } from './google-vertex-ai.ts'
import { mistral } from './mistral.ts'
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'
import { xai } from './xai.ts'
import { zai } from './zai.ts'

/** Every provider, in the order in which they are listed to callers. */
export const providers: readonly Provider[] = [
  anthropic,
  openai,
  googleVertexAi,
  mistral,
  deepseek,
  xai,
  zai,
  bedrock,
  azure,
]

/** What private endpoints are called where a provider is named. */
export const PRIVATE_ENDPOINTS = 'byom'

/** What one of them is called, with what is before the slash. */
export const privateEndpointName = (endpoint: string): string => `${PRIVATE_ENDPOINTS}/${endpoint}`

const byName = new Map(providers.map((provider) => [provider.name, provider]))

export function findProvider(name: string): Provider | undefined {
  return byName.get(name)
}

/** The provider whose keys look like this one, where it can be told. */
export function providerOfKey(key: string): Provider | undefined {
  return providers.find(({ passthrough }) => passthrough?.looksLike?.test(key))
}

/** The provider whose family a bare model id belongs to. */
export function providerOfFamily(model: string): Provider | undefined {
  return providers.find(({ families }) => families?.test(model))
}
