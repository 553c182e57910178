import type { EmbeddingsFormat } from '../../core/embeddings.ts'
import { reportRest } from '../../core/rest.ts'
import { readVector } from '../../core/vectors.ts'

/** One text at a time. https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html */
export const titanEmbeddings: EmbeddingsFormat = {
  batchSize: () => 1,
  encodeRequest([inputText], { dimensions, rest }, { compat }) {
    reportRest(rest, compat)
    return { inputText, ...(dimensions === undefined ? {} : { dimensions }) }
  },
  decodeAnswer({ embedding, inputTextTokenCount: said }, countedTokens) {
    const inputTokens = typeof said === 'number' ? said : countedTokens
    return {
      vectors: [readVector(embedding)],
      ...(inputTokens === undefined ? {} : { inputTokens }),
    }
  },
}
