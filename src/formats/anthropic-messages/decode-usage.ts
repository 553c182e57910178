import type { Usage } from '../../core/chat.ts'
import { isObject } from '../../core/parse.ts'
import { defined } from '../../core/read.ts'

/** Anthropic's counts as they came; a count that nobody gave is undefined. */
export interface ClaudeCounts {
  readonly input: number | undefined
  readonly cacheRead: number | undefined
  readonly cacheWrite: number | undefined
  readonly cacheWriteHour: number | undefined
  readonly output: number | undefined
  readonly thinking: number | undefined
}

export function readCounts(usage: unknown): ClaudeCounts {
  const from = isObject(usage) ? usage : {}
  return {
    input: countIn(from, 'input_tokens'),
    cacheRead: countIn(from, 'cache_read_input_tokens'),
    cacheWrite: countIn(from, 'cache_creation_input_tokens'),
    cacheWriteHour: countIn(from['cache_creation'], 'ephemeral_1h_input_tokens'),
    output: countIn(from, 'output_tokens'),
    thinking: countIn(from['output_tokens_details'], 'thinking_tokens'),
  }
}

/** Counts of a stream are told again as they grow, and not all of them each time: the later one counts. */
export function mergeCounts(earlier: ClaudeCounts, later: ClaudeCounts): ClaudeCounts {
  return {
    input: later.input ?? earlier.input,
    cacheRead: later.cacheRead ?? earlier.cacheRead,
    cacheWrite: later.cacheWrite ?? earlier.cacheWrite,
    cacheWriteHour: later.cacheWriteHour ?? earlier.cacheWriteHour,
    output: later.output ?? earlier.output,
    thinking: later.thinking ?? earlier.thinking,
  }
}

/**
 * Undefined where nothing is known. Anthropic counts its input without what a cache had to do with.
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching#tracking-cache-performance
 */
export function usageOf(counts: ClaudeCounts): Usage | undefined {
  const { input, cacheRead, cacheWrite, cacheWriteHour, output, thinking } = counts
  const usage = defined({
    inputTokens: input === undefined ? undefined : input + (cacheRead ?? 0) + (cacheWrite ?? 0),
    cachedInputTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    cacheWriteHourTokens: cacheWriteHour,
    outputTokens: output,
    reasoningTokens: thinking,
  })
  return Object.keys(usage).length === 0 ? undefined : usage
}

function countIn(from: unknown, member: string): number | undefined {
  const count = isObject(from) ? from[member] : undefined
  return typeof count === 'number' && count >= 0 ? count : undefined
}
