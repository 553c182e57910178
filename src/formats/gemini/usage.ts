import type { Usage } from '../../core/chat.ts'
import { isObject } from '../../core/parse.ts'
import { defined } from '../../core/read.ts'

/** Counts as Google gives them. Those of a stream grow from chunk to chunk, and a chunk need not repeat all of them. */
export interface UsageCounts {
  promptTokenCount?: number
  toolUsePromptTokenCount?: number
  cachedContentTokenCount?: number
  candidatesTokenCount?: number
  thoughtsTokenCount?: number
}

const NAMES = [
  'promptTokenCount',
  'toolUsePromptTokenCount',
  'cachedContentTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
] as const

/** Takes over what a `usageMetadata` tells. */
export function updateCounts(counts: UsageCounts, usageMetadata: unknown): void {
  if (!isObject(usageMetadata)) return
  for (const name of NAMES) {
    const count = usageMetadata[name]
    if (typeof count === 'number') counts[name] = count
  }
}

/**
 * The prompt's count includes what was read from a cache, and the candidates' does not include thoughts.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/GenerateContentResponse#UsageMetadata
 */
export function decodeUsage(counts: UsageCounts): Usage | undefined {
  const usage = defined({
    inputTokens: sum(counts.promptTokenCount, counts.toolUsePromptTokenCount),
    cachedInputTokens: counts.cachedContentTokenCount,
    outputTokens: sum(counts.candidatesTokenCount, counts.thoughtsTokenCount),
    reasoningTokens: counts.thoughtsTokenCount,
  })
  return Object.keys(usage).length === 0 ? undefined : usage
}

function sum(first: number | undefined, second: number | undefined): number | undefined {
  if (first === undefined && second === undefined) return undefined
  return (first ?? 0) + (second ?? 0)
}
