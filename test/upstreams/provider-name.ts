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

/** Whatever there is a stand-in for: the providers, Google's token endpoint, and an organization's own model server. */
export type StandInName = ProviderName | 'google_token' | 'private'
