import type { ChatEvent } from '../../../core/chat-events.ts'
import type { Finish, Usage } from '../../../core/chat.ts'
import type { AnswerContext, StreamEncoder } from '../../../core/translation.ts'
import { freeformNames } from '../freeform-names.ts'
import { openAiChatStream } from '../stream.ts'
import { encodeFinish } from './encode-finish.ts'
import { encodeIdentity } from './encode-identity.ts'
import { reasoningDeltas } from './encode-reasoning.ts'
import { toolCallDeltas } from './encode-tool-calls.ts'
import { encodeUsage } from './encode-usage.ts'

const FIRST_DELTA = '"role":"assistant","content":"","refusal":null'
const PING = ': ping\n\n'
const DONE = 'data: [DONE]\n\n'

/**
 * An answer as chat completion chunks. What is the same in all of them is made once; what changes is all that an event
 * costs. https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function streamEncoder(context: AnswerContext): StreamEncoder {
  const wantsUsage = context.request.includeUsage === true
  const reasoning = reasoningDeltas()
  const calls = toolCallDeltas(freeformNames(context.request))
  // With usage wanted, every chunk but the last says that it has none.
  const end = wantsUsage ? '],"usage":null}\n\n' : ']}\n\n'
  const deltaEnd = `},"logprobs":null,"finish_reason":null}${end}`
  let head = headOf({}, context)
  let deltaHead = `${head}{"index":0,"delta":{`
  let usage: Usage | undefined

  const chunk = (delta: string): string => (delta === '' ? '' : deltaHead + delta + deltaEnd)
  /** A chunk of another kind than reasoning. */
  const content = (delta: string): string => {
    reasoning.interrupt()
    return chunk(calls.settle(false)) + chunk(delta)
  }
  const finishChunk = (finish: Finish): string =>
    `${head}{"index":0,"delta":{},"logprobs":null,${JSON.stringify(encodeFinish(finish)).slice(1)}${end}`
  const usageChunk = (): string => {
    const encoded = wantsUsage ? encodeUsage(usage) : undefined
    return encoded === undefined ? '' : `${head}],"usage":${JSON.stringify(encoded)}}\n\n`
  }

  const next = (event: ChatEvent): string => {
    switch (event.kind) {
      case 'start':
        head = headOf(event, context)
        deltaHead = `${head}{"index":0,"delta":{`
        usage = event.usage
        return chunk(FIRST_DELTA)
      case 'text':
        return event.text === '' ? '' : content(`"content":${JSON.stringify(event.text)}`)
      case 'refusal':
        return event.text === '' ? '' : content(`"refusal":${JSON.stringify(event.text)}`)
      case 'reasoning':
        return event.text === ''
          ? ''
          : chunk(calls.settle(false)) + chunk(reasoning.text(event.text))
      case 'reasoning-proof':
        return chunk(calls.settle(false)) + chunk(reasoning.proof(event.proof))
      case 'tool-call':
        return content(calls.begin(event))
      case 'tool-arguments':
        return chunk(calls.settle(false)) + chunk(calls.arguments(event))
      case 'tool-call-end':
        return chunk(calls.settle(false)) + chunk(calls.end(event))
      case 'usage':
        usage = event.usage
        return ''
      case 'finish':
        return chunk(calls.settle(event.finish.reason === 'length')) + finishChunk(event.finish)
      case 'ping':
        return PING
      case 'end':
        return usageChunk() + DONE
      // The gateway says it with `fail`.
      case 'error':
        return ''
      default:
        return event satisfies never
    }
  }
  return { next, fail: (error) => openAiChatStream.failure(error, context.requestId) }
}

/** The beginning of every chunk's event, up to and with the bracket of its choices. */
function headOf(
  answer: { readonly id?: string; readonly model?: string },
  context: AnswerContext,
): string {
  const identity = JSON.stringify(encodeIdentity(answer, context, 'chat.completion.chunk'))
  return `data: ${identity.slice(0, -1)},"choices":[`
}
