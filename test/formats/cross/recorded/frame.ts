import type { ChatFormat } from '../../../../src/core/wire-format.ts'
import { bytesOf } from '../../../streams/byte-streams.ts'
import { eventFrame } from '../../../upstreams/dialects/aws-event-stream.ts'
import type { Json } from './said.ts'

/** A recorded stream as its provider sends it: one chunk of bytes for each event, the dialect's last word included. */
export function framed(format: ChatFormat, events: readonly Json[]): readonly Uint8Array[] {
  switch (format) {
    case 'openai-chat':
      return [...events.map((event) => JSON.stringify(event)), '[DONE]'].map((data) =>
        bytesOf(`data: ${data}\n\n`),
      )
    case 'openai-responses':
    case 'anthropic-messages':
      return events.map((event) =>
        bytesOf(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
      )
    case 'gemini':
      return events.map((event) => bytesOf(`data: ${JSON.stringify(event)}\r\n\r\n`))
    case 'bedrock-converse':
      return events.map((event) => {
        // A line is an object of one member, which is called like its event.
        const [[name, payload] = ['', {}]] = Object.entries(event)
        return eventFrame(name, payload).bytes
      })
    default:
      return format satisfies never
  }
}

/** Whether so many of the events are all that a provider says, where its dialect has no last word. */
export function isWholeAnswer(format: ChatFormat, events: readonly Json[]): boolean {
  if (format === 'gemini') return events.some(({ candidates }) => candidates[0].finishReason)
  return format === 'bedrock-converse' && events.some(({ messageStop }) => messageStop)
}
