import type { Usage } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'

/**
 * A message's usage. Anthropic counts what was read from and written to a cache beside the input and not in it. Its
 * counts of input and output are never null, so here, and only here, one that nobody gave is 0.
 * https://platform.claude.com/docs/en/api/messages
 */
export function encodeUsage(usage: Usage = {}, serviceTier?: string): JsonObject {
  const { cacheWriteTokens, cacheWriteHourTokens } = usage
  return {
    ...encodeDeltaUsage(usage),
    input_tokens: uncachedInput(usage) ?? 0,
    cache_creation:
      cacheWriteTokens === undefined || cacheWriteHourTokens === undefined
        ? null
        : {
            ephemeral_5m_input_tokens: Math.max(0, cacheWriteTokens - cacheWriteHourTokens),
            ephemeral_1h_input_tokens: cacheWriteHourTokens,
          },
    service_tier: SERVICE_TIERS.get(serviceTier ?? '') ?? null,
    inference_geo: null,
    speed: null,
  }
}

/** The usage at the end of a stream: whole, and with null for an input that nobody counted. */
export function encodeDeltaUsage(usage: Usage = {}): JsonObject {
  const { reasoningTokens } = usage
  return {
    input_tokens: uncachedInput(usage) ?? null,
    cache_creation_input_tokens: usage.cacheWriteTokens ?? null,
    cache_read_input_tokens: usage.cachedInputTokens ?? null,
    output_tokens: usage.outputTokens ?? 0,
    output_tokens_details:
      reasoningTokens === undefined ? null : { thinking_tokens: reasoningTokens },
    server_tool_use: null,
  }
}

function uncachedInput({
  inputTokens,
  cachedInputTokens = 0,
  cacheWriteTokens = 0,
}: Usage): number | undefined {
  if (inputTokens === undefined) return undefined
  return Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens)
}

const SERVICE_TIERS: ReadonlyMap<string, string> = new Map([
  ['default', 'standard'],
  ['standard', 'standard'],
  ['priority', 'priority'],
  ['batch', 'batch'],
])
