import type { EmbeddingsFormat } from '../../core/embeddings.ts'
import { isObject } from '../../core/parse.ts'
import { reportRest } from '../../core/rest.ts'
import { readVector } from '../../core/vectors.ts'

const TASK = ['task_type', 'title', 'auto_truncate'] as const
const TAKEN: ReadonlySet<string> = new Set(TASK)

/** `:predict`. https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api */
export const vertexPredict: EmbeddingsFormat = {
  // The first Gemini embedding model takes one text at a time.
  batchSize: (model) => (model.startsWith('gemini-embedding-001') ? 1 : 250),
  encodeRequest(texts, { dimensions, rest }, { compat }) {
    reportRest(rest, compat, TAKEN)
    const { task_type, title, auto_truncate } = rest
    const parameters = {
      ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
      ...(typeof auto_truncate === 'boolean' ? { autoTruncate: auto_truncate } : {}),
    }
    return {
      instances: texts.map((content) => ({
        content,
        ...(typeof task_type === 'string' ? { task_type } : {}),
        ...(typeof title === 'string' ? { title } : {}),
      })),
      ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    }
  },
  decodeAnswer({ predictions }) {
    const items = Array.isArray(predictions) ? predictions.filter(isObject) : []
    const embeddings = items.map((item) => (isObject(item['embeddings']) ? item['embeddings'] : {}))
    const counts = embeddings.map(({ statistics }) =>
      isObject(statistics) ? Number(statistics['token_count']) : Number.NaN,
    )
    const inputTokens = counts.reduce((sum, count) => sum + count, 0)
    return {
      vectors: embeddings.map(({ values }) => readVector(values)),
      ...(Number.isFinite(inputTokens) ? { inputTokens } : {}),
    }
  },
}

/** `:embedContent`, one text at a time: Gemini's embedding models from the second on. */
export const vertexEmbedContent: EmbeddingsFormat = {
  batchSize: () => 1,
  encodeRequest(texts, { dimensions, rest }, { compat }) {
    reportRest(rest, compat, TAKEN)
    const { task_type, title, auto_truncate } = rest
    const embedContentConfig = {
      ...(typeof task_type === 'string' ? { taskType: task_type } : {}),
      ...(typeof title === 'string' ? { title } : {}),
      ...(typeof auto_truncate === 'boolean' ? { autoTruncate: auto_truncate } : {}),
      ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
    }
    return {
      content: { role: 'user', parts: texts.map((text) => ({ text })) },
      ...(Object.keys(embedContentConfig).length === 0 ? {} : { embedContentConfig }),
    }
  },
  decodeAnswer({ embedding, usageMetadata }) {
    const inputTokens = isObject(usageMetadata) ? usageMetadata['promptTokenCount'] : undefined
    return {
      vectors: [readVector(isObject(embedding) ? embedding['values'] : undefined)],
      ...(typeof inputTokens === 'number' ? { inputTokens } : {}),
    }
  },
}
