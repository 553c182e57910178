import type { Usage } from '../../core/chat.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import { defined } from '../../core/read.ts'

/** Input includes what a cache gave or took, output includes reasoning: as in the canonical model. */

/** Null where it is not known how much was read or written; details that are not known are zero, as callers parse them. */
export function encodeUsage(usage: Usage | undefined): JsonObject | null {
  const { inputTokens, outputTokens } = usage ?? {}
  if (usage === undefined || inputTokens === undefined || outputTokens === undefined) return null
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cachedInputTokens ?? 0,
      cache_write_tokens: usage.cacheWriteTokens ?? 0,
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: inputTokens + outputTokens,
  }
}

/** Undefined where a provider did not tell. xAI's cached tokens can exceed its input, and are then not in it. */
export function decodeUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const input = isObject(value['input_tokens_details']) ? value['input_tokens_details'] : {}
  const output = isObject(value['output_tokens_details']) ? value['output_tokens_details'] : {}
  const told = countOf(value['input_tokens'])
  const cachedInputTokens = countOf(input['cached_tokens'])
  const isBeside = told !== undefined && cachedInputTokens !== undefined && cachedInputTokens > told
  return defined({
    inputTokens: isBeside ? told + cachedInputTokens : told,
    cachedInputTokens,
    cacheWriteTokens: countOf(input['cache_write_tokens']),
    outputTokens: countOf(value['output_tokens']),
    reasoningTokens: countOf(output['reasoning_tokens']),
  })
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}
