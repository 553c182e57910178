import type { Usage } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined } from '../../../core/read.ts'

/**
 * Tokens as OpenAI counts them, cache and reasoning included. Undefined where the provider did not give both counts: an
 * answer without usage is one that callers know, one with invented zeros is wrong.
 * https://platform.openai.com/docs/api-reference/chat/object#chat-object-usage
 */
export function encodeUsage(usage: Usage | undefined): JsonObject | undefined {
  const { inputTokens, outputTokens } = usage ?? {}
  if (usage === undefined || inputTokens === undefined || outputTokens === undefined)
    return undefined
  return defined({
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: details({
      cached_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
    }),
    completion_tokens_details: details({ reasoning_tokens: usage.reasoningTokens }),
  })
}

function details(counts: Readonly<Record<string, number | undefined>>): JsonObject | undefined {
  const known = defined(counts)
  return Object.keys(known).length === 0 ? undefined : known
}
