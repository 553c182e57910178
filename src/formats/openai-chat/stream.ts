import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { type ToldUsage, toldUsage } from '../../core/told-usage.ts'
import type { StreamDialect } from '../../core/wire-format.ts'
import { decodeUsage } from './decode-usage.ts'
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
  // Where usage was asked for, the chunks before it say `usage: null`: that is not the mark.
  usageMarks: ['"prompt_tokens"'],
  usageReader() {
    let hasBegun = false
    return ({ data }) => {
      if (hasBegun && !data.includes('"prompt_tokens"')) return undefined
      hasBegun = true
      const chunk = tryParseJson(data)
      return isObject(chunk) ? toldBy(chunk['usage'], chunk['model']) : undefined
    }
  },
  usageOfAnswer: (member) => toldBy(member('usage'), member('model')),
  failure: (error) => `data: ${JSON.stringify(encodeError(error))}\n\n`,
}

/** In any host's arithmetic: where there is a total, it tells whether reasoning is counted beside the completion. */
function toldBy(usage: unknown, model: unknown): ToldUsage {
  const hasTotal = isObject(usage) && typeof usage['total_tokens'] === 'number'
  return toldUsage(decodeUsage(usage, { completionExcludesReasoning: hasTotal }), model)
}

/** The error that a chunk is, in any provider's shape. Text that mentions errors has its quotes escaped. */
function errorIn(data: string): JsonObject | undefined {
  if (!data.includes('"error"')) return undefined
  const chunk = tryParseJson(data)
  if (!isObject(chunk) || Array.isArray(chunk['choices'])) return undefined
  const isError = (chunk['error'] ?? null) !== null || chunk['object'] === 'error'
  return isError ? chunk : undefined
}
