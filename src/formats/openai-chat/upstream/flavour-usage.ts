import { isObject, type JsonObject } from '../../../core/parse.ts'
import { decodeUsage } from '../decode-usage.ts'
import type { ChatProfile } from '../profile.ts'

/**
 * A host's usage in OpenAI's arithmetic, with the host's own members kept. Undefined where nothing is known: a count that
 * nobody gave is never made up.
 */
export function adaptUsage(usage: unknown, profile: ChatProfile): JsonObject | undefined {
  const known = decodeUsage(usage, profile)
  if (known === undefined || !isObject(usage)) return undefined
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = known
  const adapted: Record<string, unknown> = { ...usage }
  if (outputTokens !== undefined) adapted['completion_tokens'] = outputTokens
  if (inputTokens !== undefined && outputTokens !== undefined) {
    adapted['total_tokens'] = inputTokens + outputTokens
  }
  setDetail(adapted, 'prompt_tokens_details', 'cached_tokens', cachedInputTokens)
  setDetail(adapted, 'completion_tokens_details', 'reasoning_tokens', reasoningTokens)
  return adapted
}

function setDetail(
  usage: Record<string, unknown>,
  details: string,
  name: string,
  count: number | undefined,
): void {
  if (count === undefined) return
  const given = usage[details]
  usage[details] = { ...(isObject(given) ? given : {}), [name]: count }
}
