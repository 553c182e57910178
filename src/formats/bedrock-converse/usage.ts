import type { Usage } from '../../core/chat.ts'
import { isObject } from '../../core/parse.ts'
import { defined } from '../../core/read.ts'

/**
 * Converse counts what was read from and written to a cache beside its input, and reasoning among its output.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export function decodeUsage(usage: unknown): Usage | undefined {
  if (!isObject(usage)) return undefined
  const input = countOf(usage['inputTokens'])
  const read = countOf(usage['cacheReadInputTokens'])
  const written = countOf(usage['cacheWriteInputTokens'])
  return defined({
    inputTokens: input === undefined ? undefined : input + (read ?? 0) + (written ?? 0),
    cachedInputTokens: read,
    cacheWriteTokens: written,
    cacheWriteHourTokens: hourTokens(usage['cacheDetails']),
    outputTokens: countOf(usage['outputTokens']),
  })
}

function hourTokens(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined
  const hours = details.flatMap((detail: unknown) =>
    isObject(detail) && detail['ttl'] === '1h' ? [countOf(detail['inputTokens']) ?? 0] : [],
  )
  return hours.length === 0 ? undefined : hours.reduce((sum, count) => sum + count, 0)
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}
