import type { RequestRecord } from '../../core/usage-record.ts'

/**
 * A request as one line of JSON, by the attribute names of OpenTelemetry where it has some. What is not known is left out.
 * Nothing of a prompt or an answer is in it.
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export function requestLine(record: RequestRecord): string {
  const { tokens, attempts, metadata, outcome } = record
  return JSON.stringify({
    level: 'info',
    event: 'request',
    time: new Date(record.atMs).toISOString(),
    'gen_ai.operation.name': operationOf(record.surface),
    'gen_ai.provider.name': record.provider ?? undefined,
    'gen_ai.request.model': record.model ?? undefined,
    'gen_ai.response.model': record.answeredModel ?? undefined,
    'gen_ai.usage.input_tokens': tokens?.inputTokens,
    'gen_ai.usage.cache_read.input_tokens': tokens?.cachedInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': tokens?.cacheWriteTokens,
    'gen_ai.usage.output_tokens': tokens?.outputTokens,
    'gen_ai.usage.reasoning.output_tokens': tokens?.reasoningTokens,
    'http.response.status_code': record.status ?? undefined,
    'error.type': outcome === 'ok' ? undefined : outcome,
    'keyway.request_id': record.requestId,
    'keyway.organization': record.organizationId ?? undefined,
    'keyway.api_key': record.apiKeyId ?? undefined,
    'keyway.provider_key': record.providerKeyId ?? undefined,
    'keyway.surface': record.surface ?? undefined,
    'keyway.stream': record.isStream,
    'keyway.attempts': attempts.map(({ keyId, outcome: how }) => `${keyId}:${how}`),
    'keyway.latency_ms': record.latencyMs,
    'keyway.first_byte_ms': record.firstByteMs ?? undefined,
    'keyway.metadata': Object.keys(metadata).length === 0 ? undefined : metadata,
  })
}

function operationOf(surface: string | null): string | undefined {
  if (surface === null || surface === 'native') return undefined
  if (surface === 'openai-embeddings') return 'embeddings'
  return surface === 'anthropic-count-tokens' ? 'count_tokens' : 'chat'
}
