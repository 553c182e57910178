import type { EmbeddingsFormat } from '../../core/embeddings.ts'
import { isObject } from '../../core/parse.ts'
import { reportRest } from '../../core/rest.ts'
import { readVector } from '../../core/vectors.ts'

/** OpenAI's shape with a name of its own for the dimensions, and numbers only. https://docs.mistral.ai/api/#tag/embeddings */
export const mistralEmbeddings: EmbeddingsFormat = {
  batchSize: () => 512,
  encodeRequest(texts, { dimensions, rest }, { model, compat }) {
    reportRest(rest, compat)
    return {
      model,
      input: texts,
      ...(dimensions === undefined ? {} : { output_dimension: dimensions }),
    }
  },
  decodeAnswer({ data, usage }) {
    const items = Array.isArray(data) ? data.filter(isObject) : []
    const inputTokens = isObject(usage) ? usage['prompt_tokens'] : undefined
    return {
      vectors: items
        .toSorted((one, other) => Number(one['index']) - Number(other['index']))
        .map(({ embedding }) => readVector(embedding)),
      ...(typeof inputTokens === 'number' ? { inputTokens } : {}),
    }
  },
}
