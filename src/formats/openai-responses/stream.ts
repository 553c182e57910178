import type { StreamDialect } from '../../core/wire-format.ts'

const LAST = /^(?:response\.(?:completed|incomplete|failed|cancelled)|error)$/
const LAST_TYPE =
  /^\s*\{\s*"type"\s*:\s*"(?:response\.(?:completed|incomplete|failed|cancelled)|error)"/

/** https://platform.openai.com/docs/api-reference/responses-streaming */
export const openAiResponsesStream: StreamDialect = {
  isLast: ({ name, data }) => LAST.test(name) || (name === '' && LAST_TYPE.test(data)),
  failure(error) {
    const { code, message, details } = error
    const event = { type: 'error', code, message, param: details.param ?? null }
    return `event: error\ndata: ${JSON.stringify(event)}\n\n`
  },
}
