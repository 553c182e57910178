import { assembleAnswer } from '../core/assemble-answer.ts'
import type { ChatEvent } from '../core/chat-events.ts'
import type { ChatAnswer } from '../core/chat.ts'
import { GatewayError } from '../core/errors.ts'
import type { StreamDecoder } from '../core/translation.ts'
import type { StreamedError } from '../core/wire-format.ts'
import { sseReader } from './sse.ts'

export interface StreamAssembly {
  decoder(emit: (event: ChatEvent) => void): StreamDecoder
  /** For an error that the upstream said itself. */
  errorSaid(error: StreamedError): GatewayError
  /** For a stream that broke off, or made no sense. */
  cutOff(): GatewayError
}

/** Nobody's answer is longer; a stream that never ends would fill the isolate. */
const MAX_STREAM_BYTES = 64 * 1024 * 1024

const BLANK_LINES = new TextEncoder().encode('\n\n')

/**
 * A provider's whole stream of server-sent events as one answer. Throws what the stream said, or that it was not whole. What
 * the provider sends behind its last word is not waited for.
 */
export async function assembleStream(
  body: ReadableStream<Uint8Array>,
  stream: StreamAssembly,
): Promise<ChatAnswer> {
  const assembly = assembleAnswer()
  let isOver = false
  const events = stream.decoder((event) => {
    if (event.kind === 'error') throw stream.errorSaid(event.error)
    assembly.next(event)
    isOver ||= event.kind === 'end'
  })
  const read = sseReader((event) => {
    if (!isOver) events.next(event)
  })
  const reader = body.getReader()
  try {
    for (let length = 0; ;) {
      const { done, value } = await reader.read()
      if (done) {
        // Some servers leave out the blank line behind their last event.
        read(BLANK_LINES)
        if (!isOver) events.close()
        break
      }
      length += value.length
      if (length > MAX_STREAM_BYTES) throw stream.cutOff()
      read(value)
      if (isOver) break
    }
  } catch (error) {
    throw error instanceof GatewayError ? error : stream.cutOff()
  } finally {
    void reader.cancel().catch(() => undefined)
  }
  const answer = assembly.answer()
  if (answer === undefined) throw stream.cutOff()
  return answer
}
