import { isObject, tryParseJson } from '../../core/parse.ts'
import { toldUsage } from '../../core/told-usage.ts'
import type { StreamDialect, StreamedError } from '../../core/wire-format.ts'
import { decodeUsage } from './usage.ts'

/** The last words of answers; `response.done` is xAI's. */
export const ENDS = ['response.completed', 'response.incomplete', 'response.done'] as const
/** And of those that failed. */
const FAILURES = ['response.failed', 'response.cancelled', 'error'] as const

const oneOf = (words: readonly string[]): string => `(?:${words.join('|').replaceAll('.', '\\.')})`
/** In an event's name, and in the data of one that has none. */
const named = (words: readonly string[]): RegExp => new RegExp(`^${oneOf(words)}$`)
const typed = (words: readonly string[]): RegExp =>
  new RegExp(`^\\s*\\{\\s*"type"\\s*:\\s*"${oneOf(words)}"`)

const LAST = named([...ENDS, ...FAILURES])
const LAST_TYPE = typed([...ENDS, ...FAILURES])
const FAILED = named(FAILURES)
const FAILED_TYPE = typed(FAILURES)

/** https://platform.openai.com/docs/api-reference/responses-streaming */
export const openAiResponsesStream: StreamDialect = {
  marks: [...ENDS, ...FAILURES],
  isLast: ({ name, data }) => LAST.test(name) || (name === '' && LAST_TYPE.test(data)),
  errorIn: ({ name, data }) =>
    (name === '' ? FAILED_TYPE.test(data) : FAILED.test(name))
      ? errorOf(tryParseJson(data))
      : undefined,
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
