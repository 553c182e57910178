import { tryParseJson } from '../../core/parse.ts'
import type { StreamDialect } from '../../core/wire-format.ts'
import { decodeError, encodeError } from './error.ts'

/** Server-sent GenerateContentResponses, which have no last word but a finish reason. */
export const geminiStream: StreamDialect = {
  marks: ['"finishReason"', '"blockReason"', '"error"'],
  isLast: ({ data }) =>
    /"finishReason"\s*:\s*"|"blockReason"\s*:\s*"|^\s*\{\s*"error"\s*:/.test(data),
  errorIn: ({ data }) => (data.includes('"error"') ? decodeError(tryParseJson(data)) : undefined),
  failure: (error) => `data: ${JSON.stringify(encodeError(error))}\n\n`,
}
