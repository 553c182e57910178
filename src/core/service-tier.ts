/** OpenAI's words for it. https://platform.openai.com/docs/api-reference/chat/object#chat-object-service_tier */
const TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority', 'fast'])

/** The tier in OpenAI's words, since typed clients refuse any other; undefined for one that OpenAI has not. */
export function openAiServiceTier(tier: string | undefined): string | undefined {
  if (tier === 'standard') return 'default'
  return tier !== undefined && TIERS.has(tier) ? tier : undefined
}
