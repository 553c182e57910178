import { isObject, tryParseJson } from '../../core/parse.ts'
import { defined } from '../../core/read.ts'
import type { ToldUsage } from '../../core/usage-record.ts'
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
      return toldBy(counts, chunk['modelVersion'])
    }
  },
  usageOfAnswer(member) {
    const counts: UsageCounts = {}
    updateCounts(counts, member('usageMetadata'))
    return toldBy(counts, member('modelVersion'))
  },
  failure: (error) => `data: ${JSON.stringify(encodeError(error))}\n\n`,
}

function toldBy(counts: UsageCounts, model: unknown): ToldUsage {
  return defined({
    usage: decodeUsage(counts),
    model: typeof model === 'string' && model !== '' ? model : undefined,
  })
}
