import { isObject, tryParseJson } from '../../core/parse.ts'
import { toldUsage } from '../../core/told-usage.ts'
import type { StreamDialect } from '../../core/wire-format.ts'
import { decodeError, encodeError } from './error.ts'
import { decodeUsage, updateCounts, type UsageCounts } from './usage.ts'

/** Server-sent GenerateContentResponses, which have no last word but a finish reason. */
export const geminiStream: StreamDialect = {
  marks: ['"finishReason"', '"blockReason"', '"error"'],
  isLast: ({ data }) =>
    /"finishReason"\s*:\s*"|"blockReason"\s*:\s*"|^\s*\{\s*"error"\s*:/.test(data),
  errorIn: ({ data }) => (data.includes('"error"') ? decodeError(tryParseJson(data)) : undefined),
  usageMarks: ['"usageMetadata"'],
  usageReader() {
    const counts: UsageCounts = {}
    return ({ data }) => {
      const chunk = tryParseJson(data)
      if (!isObject(chunk)) return undefined
      updateCounts(counts, chunk['usageMetadata'])
      return toldUsage(decodeUsage(counts), chunk['modelVersion'])
    }
  },
  usageOfAnswer(member) {
    const counts: UsageCounts = {}
    updateCounts(counts, member('usageMetadata'))
    return toldUsage(decodeUsage(counts), member('modelVersion'))
  },
  failure: (error) => `data: ${JSON.stringify(encodeError(error))}\n\n`,
}
