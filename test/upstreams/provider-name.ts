/** The nine providers that have a stand-in, by the names that Keyway's callers use. */
export const providerNames = [
  'anthropic',
  'openai',
  'google_vertex_ai',
  'mistral',
  'deepseek',
  'xai',
  'zai',
  'bedrock',
  'azure',
] as const

/** One of the nine providers. */
export type ProviderName = (typeof providerNames)[number]
