import type { Embeddings, EmbeddingsRequest } from '../../core/embeddings.ts'
import { invalidRequest } from '../../core/errors.ts'
import type { JsonObject } from '../../core/parse.ts'
import { defined, readInteger, readStrings, readWord, without } from '../../core/read.ts'
import { base64OfVector } from '../../core/vectors.ts'

const KNOWN: ReadonlySet<string> = new Set(['model', 'input', 'dimensions', 'encoding_format'])
const MAX_TEXTS = 2048

/** https://platform.openai.com/docs/api-reference/embeddings/create */
export function decodeEmbeddingsRequest(body: JsonObject): EmbeddingsRequest {
  return {
    texts: readTexts(body),
    ...defined({ dimensions: readInteger(body, 'dimensions', '', [1, 65_536]) }),
    encoding: readWord(body, 'encoding_format', ['float', 'base64']) ?? 'float',
    rest: without(body, KNOWN),
  }
}

function readTexts(body: JsonObject): readonly string[] {
  const { input } = body
  if (typeof input === 'string') return [nonEmpty(input, 'input')]
  if (Array.isArray(input) && input.some((one) => typeof one === 'number' || Array.isArray(one))) {
    throw invalidRequest(
      "input must be text here: tokens are numbered by OpenAI's models only.",
      'input',
    )
  }
  const texts = readStrings(body, 'input') ?? []
  if (texts.length === 0) throw invalidRequest('input must be a text or a list of texts.', 'input')
  if (texts.length > MAX_TEXTS) {
    throw invalidRequest(`input must hold at most ${MAX_TEXTS} texts.`, 'input')
  }
  return texts.map((text, index) => nonEmpty(text, `input.${index}`))
}

function nonEmpty(text: string, path: string): string {
  if (text !== '') return text
  throw invalidRequest(`${path} must not be empty.`, path)
}

/** The answer in OpenAI's shape; the usage is left out where the provider gave none. */
export function encodeEmbeddingsAnswer(
  { vectors, inputTokens }: Embeddings,
  { encoding }: EmbeddingsRequest,
  model: string,
): JsonObject {
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding === 'base64' ? base64OfVector(vector) : vector,
    })),
    model,
    ...(inputTokens === undefined
      ? {}
      : { usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } }),
  }
}
