import Anthropic from '@anthropic-ai/sdk'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import type { AnswerContext } from '../../../../src/core/translation.ts'
import { streamEncoder } from '../../../../src/formats/anthropic-messages/client/encode-stream.ts'
import { CONTEXT } from './answer.ts'

/** The text of a stream, whole. */
export function streamOf(events: readonly ChatEvent[], context: AnswerContext = CONTEXT): string {
  const encoder = streamEncoder(context)
  return events.map((event) => encoder.next(event)).join('')
}

/** The events of a stream's text, each of which must be named as its data says. */
export function eventsOf(text: string): readonly JsonObject[] {
  if (text === '') return []
  if (!text.endsWith('\n\n')) throw new Error(`not whole: ${text}`)
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((event) => {
      const match = /^event: ([a-z_]+)\ndata: (\{[^\n]*\})$/.exec(event)
      if (match === null) throw new Error(`no event: ${event}`)
      const data = JSON.parse(match[2] ?? '') as JsonObject
      if (data['type'] !== match[1]) throw new Error(`named otherwise: ${event}`)
      return data
    })
}

/** What the official library makes of a stream that comes in chunks of so many bytes. */
export function readBySdk(text: string, chunkBytes = Infinity): Promise<Anthropic.Message> {
  const bytes = new TextEncoder().encode(text)
  const client = new Anthropic({
    apiKey: 'k',
    maxRetries: 0,
    fetch: () => {
      let at = 0
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += chunkBytes)))
          else controller.close()
        },
      })
      const headers = { 'content-type': 'text/event-stream' }
      return Promise.resolve(new Response(stream, { headers }))
    },
  })
  const asked = { model: 'm', max_tokens: 1, messages: [{ role: 'user' as const, content: 'hi' }] }
  return client.messages.stream(asked).finalMessage()
}
