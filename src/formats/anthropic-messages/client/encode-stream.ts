import type { ChatEvent } from '../../../core/chat-events.ts'
import type { Finish, Usage } from '../../../core/chat.ts'
import { estimateInputTokens } from '../../../core/estimate-tokens.ts'
import type { AnswerContext, StreamEncoder } from '../../../core/translation.ts'
import { anthropicStream, PING } from '../stream.ts'
import { contentEncoder } from './encode-content-events.ts'
import { encodeFinish } from './encode-finish.ts'
import { messageId } from './encode-ids.ts'
import { encodeDeltaUsage, encodeUsage } from './encode-usage.ts'

/**
 * An answer as this format streams it. The message begins with a count of the input, estimated where the provider says
 * none before its end, since clients show it at once; the true one is in the last delta, which waits for the end, as
 * usage may come after everything else. https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export function streamEncoder(context: AnswerContext): StreamEncoder {
  const content = contentEncoder(context)
  let usage: Usage | undefined
  let finish: Finish | undefined
  let hasRefusal = false
  return {
    next(event) {
      switch (event.kind) {
        case 'refusal':
          hasRefusal ||= event.text !== ''
          return content.next(event)
        case 'text':
        case 'reasoning':
        case 'reasoning-proof':
        case 'tool-call':
        case 'tool-arguments':
        case 'tool-call-end':
          return content.next(event)
        case 'start':
          usage = event.usage
          return messageStart(event, context)
        case 'usage':
          usage = event.usage
          return ''
        case 'finish':
          finish = event.finish
          return content.finish()
        case 'ping':
          return PING
        case 'end':
          // An answer whose end nobody explained is none: without a last word the caller sees that it is not whole.
          return finish === undefined ? '' : messageEnd(finish, usage, context, hasRefusal)
        case 'error':
          return ''
        default:
          return event satisfies never
      }
    },
    fail: (error) => anthropicStream.failure(error, context.requestId),
  }
}

function messageStart(
  { id, model, usage }: Extract<ChatEvent, { readonly kind: 'start' }>,
  context: AnswerContext,
): string {
  const counted =
    usage?.inputTokens === undefined
      ? { ...usage, inputTokens: estimateInputTokens(context.request) }
      : usage
  const message = {
    id: messageId(id, context.requestId),
    type: 'message',
    role: 'assistant',
    model: model ?? context.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: encodeUsage(counted),
  }
  return `event: message_start\ndata: {"type":"message_start","message":${JSON.stringify(message)}}\n\n`
}

function messageEnd(
  finish: Finish,
  usage: Usage | undefined,
  context: AnswerContext,
  hasRefusal: boolean,
): string {
  const delta = { ...encodeFinish(finish, context.request, hasRefusal), container: null }
  const last = `{"type":"message_delta","delta":${JSON.stringify(delta)},"usage":${JSON.stringify(encodeDeltaUsage(usage))}}`
  return `event: message_delta\ndata: ${last}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`
}
