import type { Finish, Usage } from '../../../core/chat.ts'
import type { GatewayError } from '../../../core/errors.ts'
import type { AnswerContext, StreamEncoder } from '../../../core/translation.ts'
import { incompleteReason } from '../finish.ts'
import { type Progress, responseEcho, responseProgress } from './response-object.ts'
import { streamOutput } from './stream-output.ts'
import { eventWriter } from './stream-writer.ts'

/**
 * A stream of Response events. A failure is told twice, as OpenAI does it: by an `error` event, which the official
 * libraries throw, and by `response.failed`, which others (Codex) look for.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export function streamEncoder(context: AnswerContext): StreamEncoder {
  const write = eventWriter()
  const output = streamOutput(context, write)
  const echo = JSON.stringify(responseEcho(context)).slice(1)
  let hasBegun = false
  let model: string | undefined
  let usage: Usage | undefined
  let finish: Finish | undefined

  const lifecycle = (type: string, progress: Progress): string => {
    const response = JSON.stringify(responseProgress(context, { model, ...progress }))
    return write(type, `,"response":${response.slice(0, -1)},"output":${output.json()},${echo}`)
  }
  const begin = (): string => {
    hasBegun = true
    return lifecycle('response.created', {}) + lifecycle('response.in_progress', {})
  }
  const isCutOff = (): boolean =>
    finish !== undefined && incompleteReason(finish.reason) !== undefined
  const end = (): string => {
    finish ??= { reason: 'stop' }
    const type = isCutOff() ? 'response.incomplete' : 'response.completed'
    return output.end(isCutOff()) + lifecycle(type, { usage, finish })
  }
  return {
    next(event) {
      if (event.kind === 'ping') return ': ping\n\n'
      if (event.kind === 'start') model = event.model
      const before = hasBegun ? '' : begin()
      switch (event.kind) {
        case 'start':
        case 'usage':
          usage = event.usage
          return before
        case 'finish':
          finish = event.finish
          return before + output.end(isCutOff())
        case 'end':
          return before + end()
        case 'error':
          return ''
        case 'text':
        case 'refusal':
        case 'reasoning':
        case 'reasoning-proof':
        case 'tool-call':
        case 'tool-arguments':
        case 'tool-call-end':
          return before + output.next(event)
        default:
          return event satisfies never
      }
    },
    fail(error) {
      const { code, message, details } = error
      const fields = `"code":"${code}","message":${JSON.stringify(message)}`
      const told = write('error', `,${fields},"param":${JSON.stringify(details.param ?? null)}`)
      return told + lifecycle('response.failed', { usage, error: responseError(error) })
    },
  }
}

/** An error as a Response has it, whose codes callers know: the upstream's own, else one that says whether to try again. */
function responseError(error: GatewayError): NonNullable<Progress['error']> {
  const { upstream } = error.details
  const fallback = error.status === 429 ? 'rate_limit_exceeded' : 'server_error'
  return { code: upstream?.code ?? fallback, message: error.message }
}
