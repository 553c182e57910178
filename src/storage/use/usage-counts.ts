import { type RequestRecord, type TokenKind, TOKEN_KINDS } from '../../core/usage-record.ts'

/** What requests are counted by. Empty where it is not known. */
export interface UsageKey {
  readonly provider: string
  readonly model: string
  readonly api_key: string
  /** The provider key or private endpoint. */
  readonly provider_key: string
  readonly outcome: string
}

/** What some requests come to. Sums of what nobody told are null, and never zero. */
export interface UsageCounts extends Record<TokenKind, number | null> {
  readonly requests: number
  /** Those that told no tokens. */
  readonly requests_without_usage: number
  readonly attempts: number
  /** Sum over all requests. */
  readonly latency_ms: number
  /** Sum over those that had a first byte. */
  readonly first_byte_ms: number
  readonly first_bytes: number
}

/** The requests that ended in one minute and are counted together. */
export interface UsageRow extends UsageKey, UsageCounts {
  /** The beginning of the minute, in milliseconds since 1970. */
  readonly minute_ms: number
}

export const KEY_COLUMNS = [
  'provider',
  'model',
  'api_key',
  'provider_key',
  'outcome',
] as const satisfies readonly (keyof UsageKey)[]

/** Counts that add up; tokens do too, where one side has none the other counts. */
export const COUNT_COLUMNS = [
  'requests',
  'requests_without_usage',
  'attempts',
  'latency_ms',
  'first_byte_ms',
  'first_bytes',
] as const satisfies readonly (keyof UsageCounts)[]

const MINUTE_MS = 60_000
const MAX_MODEL_CHARACTERS = 200

/** One request as a row, in the minute of its end: what is over grows no more. Undefined for one that is nobody's, or called no model. */
export function rowOf(record: RequestRecord): UsageTotal | undefined {
  const { apiKeyId, organizationId, surface, tokens } = record
  if (organizationId === null || apiKeyId === null || surface === null) return undefined
  return {
    minute_ms: Math.floor((record.atMs + record.latencyMs) / MINUTE_MS) * MINUTE_MS,
    provider: record.provider ?? '',
    model: (record.model ?? '').slice(0, MAX_MODEL_CHARACTERS),
    api_key: apiKeyId,
    provider_key: record.providerKeyId ?? '',
    outcome: record.outcome,
    requests: 1,
    requests_without_usage: tokens === null ? 1 : 0,
    attempts: record.attempts.length,
    latency_ms: Math.round(record.latencyMs),
    first_byte_ms: Math.round(record.firstByteMs ?? 0),
    first_bytes: record.firstByteMs === null ? 0 : 1,
    input_tokens: believed(tokens?.inputTokens),
    cached_input_tokens: believed(tokens?.cachedInputTokens),
    cache_write_tokens: believed(tokens?.cacheWriteTokens),
    output_tokens: believed(tokens?.outputTokens),
    reasoning_tokens: believed(tokens?.reasoningTokens),
  }
}

/** No request has so many tokens: sums of such numbers would not be numbers any more. */
const MAX_TOKENS = 1e12

function believed(count: number | undefined): number | null {
  return count !== undefined && count <= MAX_TOKENS ? Math.round(count) : null
}

/** Counts that are still being added up. */
export type UsageTotal = { -readonly [Name in keyof UsageRow]: UsageRow[Name] }

/** Adds what a row of the same key counts: in place, since every request is added. */
export function addTo(total: UsageTotal, row: UsageRow): void {
  for (const name of COUNT_COLUMNS) total[name] += row[name]
  for (const kind of TOKEN_KINDS) total[kind] = addKnown(total[kind], row[kind])
}

export function addKnown(one: number | null, other: number | null): number | null {
  return one === null ? other : one + (other ?? 0)
}

/** The same text for rows that are counted together, and for no others. */
export function keyText(row: UsageRow): string {
  return JSON.stringify([row.minute_ms, ...KEY_COLUMNS.map((name) => row[name])])
}
