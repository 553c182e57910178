import type { EmbeddingsFormat } from '../../core/embeddings.ts'
import { isObject } from '../../core/parse.ts'
import { reportRest } from '../../core/rest.ts'
import { readVector } from '../../core/vectors.ts'

const TAKEN: ReadonlySet<string> = new Set(['input_type', 'truncate'])

/**
 * What a text is for changes its vector here; texts are taken for documents unless the caller says `input_type`.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html
 */
export const cohereEmbeddings: EmbeddingsFormat = {
  batchSize: () => 96,
  encodeRequest(texts, { dimensions, rest }, { model, compat }) {
    reportRest(rest, compat, TAKEN)
    const { input_type = 'search_document', truncate } = rest
    const takesDimensions = !/embed-(?:english|multilingual)-v3/.test(model)
    if (dimensions !== undefined && !takesDimensions) {
      compat.refused('dimensions', 'its vectors have one length.')
    }
    return {
      texts,
      input_type,
      ...(typeof truncate === 'string' ? { truncate } : {}),
      ...(takesDimensions ? { embedding_types: ['float'] } : {}),
      ...(takesDimensions && dimensions !== undefined ? { output_dimension: dimensions } : {}),
    }
  },
  decodeAnswer({ embeddings }, countedTokens) {
    // A list, or lists by type where types were asked for.
    const lists = isObject(embeddings) ? embeddings['float'] : embeddings
    return {
      vectors: Array.isArray(lists) ? lists.map(readVector) : [],
      ...(countedTokens === undefined ? {} : { inputTokens: countedTokens }),
    }
  },
}
