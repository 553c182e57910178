import type { Compat } from './compat.ts'
import type { JsonObject } from './parse.ts'

/** Texts to be turned into vectors, in nobody's dialect. */
export interface EmbeddingsRequest {
  readonly texts: readonly string[]
  /** How long the vectors are to be; as long as the model makes them where it is left out. */
  readonly dimensions?: number
  /** How the caller wants numbers written. */
  readonly encoding: 'float' | 'base64'
  /** Members of the caller's body that have no slot. */
  readonly rest: JsonObject
}

export interface Embeddings {
  /** In the order of the texts. */
  readonly vectors: readonly (readonly number[])[]
  readonly inputTokens?: number
}

/** A provider's own way to ask for embeddings. */
export interface EmbeddingsFormat {
  /** How many texts a request may hold. */
  batchSize(model: string): number
  encodeRequest(
    texts: readonly string[],
    request: EmbeddingsRequest,
    target: { readonly model: string; readonly compat: Compat },
  ): JsonObject
  /** `countedTokens` is what a header of the answer says. Throws `upstream_error` for what is no answer. */
  decodeAnswer(body: JsonObject, countedTokens: number | undefined): Embeddings
}
