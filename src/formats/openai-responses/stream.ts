import { isObject, tryParseJson } from '../../core/parse.ts'
import { toldUsage } from '../../core/told-usage.ts'
import type { StreamDialect, StreamedError } from '../../core/wire-format.ts'
import { decodeUsage } from './usage.ts'

const LAST = /^(?:response\.(?:completed|incomplete|failed|cancelled)|error)$/
const LAST_TYPE =
  /^\s*\{\s*"type"\s*:\s*"(?:response\.(?:completed|incomplete|failed|cancelled)|error)"/

/** https://platform.openai.com/docs/api-reference/responses-streaming */
export const openAiResponsesStream: StreamDialect = {
  marks: [
    'response.completed',
    'response.incomplete',
    'response.failed',
    'response.cancelled',
    'error',
  ],
  isLast: ({ name, data }) => LAST.test(name) || (name === '' && LAST_TYPE.test(data)),
  errorIn: ({ name, data }) =>
    FAILED.test(name || data) ? errorOf(tryParseJson(data)) : undefined,
  // The response is told whole, with its usage, by the event that ends it.
  usageMarks: [],
  usageReader:
    () =>
    ({ name, data }) => {
      if (!LAST.test(name) && !(name === '' && LAST_TYPE.test(data))) return undefined
      const event = tryParseJson(data)
      const response = isObject(event) ? event['response'] : undefined
      return isObject(response)
        ? toldUsage(decodeUsage(response['usage']), response['model'])
        : undefined
    },
  usageOfAnswer: (member) => toldUsage(decodeUsage(member('usage')), member('model')),
  failure(error) {
    const { code, message, details } = error
    const event = { type: 'error', code, message, param: details.param ?? null }
    return `event: error\ndata: ${JSON.stringify(event)}\n\n`
  },
}

const FAILED = /^(?:error|response\.failed)$|^\s*\{\s*"type"\s*:\s*"(?:error|response\.failed)"/

/** The error of an `error` event, or of a response that failed. */
function errorOf(event: unknown): StreamedError | undefined {
  if (!isObject(event)) return undefined
  const response = isObject(event['response']) ? event['response'] : event
  const { message, code } = isObject(response['error']) ? response['error'] : response
  return {
    message: typeof message === 'string' ? message : 'The response failed.',
    ...(typeof code === 'string' ? { code } : {}),
  }
}
