import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import type { StreamDialect } from '../../core/wire-format.ts'
import { decodeError, encodeError } from './error.ts'

/** Chat completion chunks. https://platform.openai.com/docs/api-reference/chat-streaming */
export const openAiChatStream: StreamDialect = {
  marks: ['[DONE]', '"error"'],
  isLast: ({ data }) => data === '[DONE]' || errorIn(data) !== undefined,
  errorIn({ data }) {
    const error = errorIn(data)
    return error === undefined ? undefined : decodeError(error)
  },
  foreignError({ data }) {
    const error = errorIn(data)
    return error === undefined || isObject(error['error']) ? undefined : decodeError(error)
  },
  failure: (error) => `data: ${JSON.stringify(encodeError(error))}\n\n`,
}

/** The error that a chunk is, in any provider's shape. Text that mentions errors has its quotes escaped. */
function errorIn(data: string): JsonObject | undefined {
  if (!data.includes('"error"')) return undefined
  const chunk = tryParseJson(data)
  if (!isObject(chunk) || Array.isArray(chunk['choices'])) return undefined
  const isError = (chunk['error'] ?? null) !== null || chunk['object'] === 'error'
  return isError ? chunk : undefined
}
