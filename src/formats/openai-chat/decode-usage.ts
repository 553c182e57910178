import type { Usage } from '../../core/chat.ts'
import { isObject } from '../../core/parse.ts'
import { defined } from '../../core/read.ts'
import type { ChatProfile } from './profile.ts'

/**
 * What an answer says of its tokens, in any host's arithmetic: caches counted by OpenAI's member, DeepSeek's or
 * Mistral's, and reasoning beside the completion (xAI). Undefined where it says nothing, as in `usage: null`.
 */
export function decodeUsage(
  usage: unknown,
  profile: Pick<ChatProfile, 'completionExcludesReasoning'>,
): Usage | undefined {
  if (!isObject(usage)) return undefined
  const inputTokens = count(usage['prompt_tokens'])
  const prompt = isObject(usage['prompt_tokens_details']) ? usage['prompt_tokens_details'] : {}
  const completion = isObject(usage['completion_tokens_details'])
    ? usage['completion_tokens_details']
    : {}
  const cached =
    count(prompt['cached_tokens']) ??
    count(usage['prompt_cache_hit_tokens']) ??
    count(usage['num_cached_tokens'])
  const reasoningTokens = count(completion['reasoning_tokens'])
  const decoded = defined({
    inputTokens,
    // Some hosts count tokens of their own in the cache, beyond those of the prompt.
    cachedInputTokens:
      cached === undefined || inputTokens === undefined ? cached : Math.min(cached, inputTokens),
    cacheWriteTokens: count(prompt['cache_write_tokens']),
    outputTokens: outputTokens(
      count(usage['completion_tokens']),
      profile.completionExcludesReasoning ? reasoningTokens : undefined,
      (count(usage['total_tokens']) ?? Infinity) - (inputTokens ?? 0),
    ),
    reasoningTokens,
  })
  return Object.keys(decoded).length === 0 ? undefined : decoded
}

/** Where the total leaves no room for reasoning beside the completion, it was counted among it after all. */
function outputTokens(
  completion: number | undefined,
  excluded: number | undefined,
  room: number,
): number | undefined {
  if (completion === undefined || excluded === undefined) return completion
  return completion + excluded <= room ? completion + excluded : completion
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}
