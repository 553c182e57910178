import type { ChatEvent } from '../../../core/chat-events.ts'
import { GatewayError } from '../../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../../core/parse.ts'
import type { DecodeSource, StreamDecoder } from '../../../core/translation.ts'
import type { SseEvent } from '../../../core/wire-format.ts'
import { decodeFinish } from '../finish.ts'
import type { ResponsesProfile } from '../profile.ts'
import { ENDS } from '../stream.ts'
import { decodeUsage } from '../usage.ts'
import { failureOf } from './response-failure.ts'
import { streamedItems } from './streamed-items.ts'

/**
 * Reads a stream of Response events. The last one says how the answer ended; a stream that closes without it was cut
 * off. Events that are not known, and those of the provider's own tools, are passed over.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export function streamDecoder(
  source: DecodeSource<ResponsesProfile>,
  emit: (event: ChatEvent) => void,
): StreamDecoder {
  const items = streamedItems(source, emit)
  let hasStarted = false
  let isOver = false

  const start = (response: JsonObject): void => {
    if (hasStarted) return
    hasStarted = true
    const { id, model } = response
    emit({
      kind: 'start',
      ...(typeof id === 'string' ? { id } : {}),
      ...(typeof model === 'string' ? { model } : {}),
    })
  }
  const tellUsage = (response: JsonObject): void => {
    const usage = decodeUsage(response['usage'])
    if (usage !== undefined) emit({ kind: 'usage', usage })
  }
  const end = (response: JsonObject): void => {
    items.end()
    tellUsage(response)
    emit({ kind: 'finish', finish: decodeFinish(response, items.hasCalls()) })
    emit({ kind: 'end' })
    isOver = true
  }
  const fail = (said: JsonObject): void => {
    tellUsage(said)
    emit({ kind: 'error', error: failureOf(said) })
    isOver = true
  }
  return {
    next(event) {
      if (isOver || SILENT.has(event.name)) return
      const data = read(event)
      if (data === undefined) return
      const { type, response } = data
      switch (type) {
        case 'keepalive':
          return emit({ kind: 'ping' })
        case 'error':
          return fail(data)
        case 'response.failed':
        case 'response.cancelled':
          return fail(isObject(response) ? response : {})
        case undefined:
          // Where a host breaks off, its error can be all that there is.
          if ((data['error'] ?? null) !== null) fail(data)
          return
        default:
          start(isObject(response) ? response : {})
      }
      if (!LAST_WORDS.has(type)) return items.next(data)
      end(isObject(response) ? response : {})
    },
    // Without a last word there is nothing to say.
    close: () => undefined,
  }
}

const LAST_WORDS: ReadonlySet<unknown> = new Set(ENDS)

/** Events that say again, or at length, what others say: not worth reading. */
const SILENT = new Set([
  'response.queued',
  'response.in_progress',
  'response.content_part.added',
  'response.content_part.done',
  'response.output_text.done',
  'response.output_text.annotation.added',
  'response.refusal.done',
  'response.reasoning_summary_part.added',
  'response.reasoning_summary_part.done',
  'response.reasoning_summary_text.done',
  'response.reasoning_text.done',
])

/** Undefined for what is no event: OpenAI's chat streams end in such a word, and some hosts say it here too. */
function read({ data }: SseEvent): JsonObject | undefined {
  if (data === '' || data === '[DONE]') return undefined
  const event = tryParseJson(data)
  if (isObject(event)) return event
  throw new GatewayError('upstream_error', 'The provider sent an event that is not JSON.')
}
