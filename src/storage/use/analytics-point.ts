import { type RequestRecord, USAGE_FIELDS, TOKEN_KINDS } from '../../core/usage-record.ts'

/**
 * A request as a data point of Analytics Engine. Its numbers cannot be null: a count that nobody told is 0, and blob 12
 * names those that were told. docs/usage.md has the layout; positions are never given another meaning.
 * https://developers.cloudflare.com/analytics/analytics-engine/get-started/
 */
export function dataPointOf(record: RequestRecord): AnalyticsEngineDataPoint {
  const { tokens, firstByteMs } = record
  const counts = TOKEN_KINDS.map((kind) => tokens?.[USAGE_FIELDS[kind]])
  const told = TOKEN_KINDS.filter((_, index) => counts[index] !== undefined)
  const attempts = record.attempts.map(({ keyId, outcome }) => `${keyId}:${outcome}`)
  return {
    indexes: [record.organizationId],
    blobs: [
      record.requestId,
      record.apiKeyId,
      record.provider,
      within(record.model, MAX_BYTES),
      within(record.answeredModel, MAX_BYTES),
      record.providerKeyId,
      record.surface,
      record.outcome,
      record.isStream ? 'stream' : 'whole',
      within(attempts.join(', '), MAX_BYTES),
      textOf(record.metadata),
      told.join(','),
    ],
    doubles: [
      1,
      record.status ?? 0,
      record.latencyMs,
      firstByteMs ?? 0,
      firstByteMs === null ? 0 : 1,
      tokens === null ? 0 : 1,
      ...counts.map((count) => count ?? 0),
      record.attempts.length,
    ],
  }
}

/** All blobs of a point together may have 16 KB. https://developers.cloudflare.com/analytics/analytics-engine/limits/ */
const MAX_BYTES = 1_000
const MAX_METADATA_BYTES = 6_000

function textOf(metadata: RequestRecord['metadata']): string {
  const text = JSON.stringify(metadata)
  return within(text, MAX_METADATA_BYTES) === text ? text : '{}'
}

const encoder = new TextEncoder()
/** Of what UTF-16 has in one unit, UTF-8 makes so many bytes at most. */
const MAX_BYTES_OF_UNIT = 3

/** As much of the beginning as fits, in whole characters. */
function within<Text extends string | null>(text: Text, maxBytes: number): string | Text {
  if (text === null || text.length * MAX_BYTES_OF_UNIT <= maxBytes) return text
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(maxBytes)).read)
}
