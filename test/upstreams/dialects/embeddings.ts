import { z } from 'zod'
import type { WholeAnswer } from '../provider.ts'
import { text } from '../read-json.ts'
import { jsonAnswer, type Headers } from './sse.ts'

/** A request for embeddings, in OpenAI's shape. */
export const embeddingsBody = z.strictObject({
  model: text,
  input: z.union([
    text,
    z.array(text).min(1),
    z.array(z.int()).min(1),
    z.array(z.array(z.int()).min(1)).min(1),
  ]),
  dimensions: z.int().positive().optional(),
  encoding_format: z.enum(['float', 'base64']).optional(),
  user: z.string().optional(),
})

/** Numbers that follow from the text and the position alone, so that tests can compare them. */
export function embeddingOf(content: string, dimensions: number): number[] {
  return Array.from({ length: dimensions }, (_, index) => {
    const code = content.charCodeAt(index % Math.max(1, content.length)) || 1
    return Math.fround(((code * (index + 7)) % 200) / 100 - 1)
  })
}

/** OpenAI's answer with embeddings: numbers, or little-endian floats in base64 where asked for. */
export function embeddingsAnswer(
  { model, input, dimensions = 8, encoding_format }: z.infer<typeof embeddingsBody>,
  headers: Headers,
): WholeAnswer {
  const inputs = typeof input === 'string' || typeof input[0] === 'number' ? [input] : input
  const tokens = inputs.reduce((sum: number, one) => sum + Math.ceil(String(one).length / 4), 0)
  const data = inputs.map((one, index) => {
    const numbers = embeddingOf(String(one), dimensions)
    const embedding =
      encoding_format === 'base64'
        ? Buffer.from(new Float32Array(numbers).buffer).toString('base64')
        : numbers
    return { object: 'embedding', index, embedding }
  })
  const usage = { prompt_tokens: tokens, total_tokens: tokens }
  return jsonAnswer(200, { object: 'list', data, model, usage }, headers)
}
