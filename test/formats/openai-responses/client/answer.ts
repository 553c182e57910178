import OpenAI from 'openai'
import type { Response as ResponseObject } from 'openai/resources/responses/responses'
import { assembleAnswer } from '../../../../src/core/assemble-answer.ts'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import type { ChatAnswer } from '../../../../src/core/chat.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import type { AnswerContext } from '../../../../src/core/translation.ts'
import { openAiResponsesClient } from '../../../../src/formats/openai-responses/client.ts'
import { decode } from './request.ts'

/** A request with a function, a tool that takes text, and a function in a namespace. */
export const CONTEXT: AnswerContext = {
  model: 'asked-model',
  request: decode({
    tools: [
      { type: 'function', name: 'f' },
      { type: 'custom', name: 'patch' },
      { type: 'namespace', name: 'ns', tools: [{ type: 'function', name: 'g' }] },
    ],
  }),
  requestId: 'req_1',
  createdSeconds: 1700,
}

export const answerOf = (
  content: ChatAnswer['content'],
  more: Partial<ChatAnswer> = {},
): ChatAnswer => ({ content, finish: { reason: 'stop' }, ...more })

export const encode = (answer: ChatAnswer, context = CONTEXT): JsonObject =>
  openAiResponsesClient.encodeAnswer(answer, context)

export const outputOf = (content: ChatAnswer['content'], more: Partial<ChatAnswer> = {}) =>
  encode(answerOf(content, more))['output'] as readonly JsonObject[]

/** The text of a stream, whole. */
export function streamOf(events: readonly ChatEvent[], context = CONTEXT): string {
  const encoder = openAiResponsesClient.streamEncoder(context)
  return events.map((event) => encoder.next(event)).join('')
}

/** The answer that a stream of events is. */
export function wholeOf(events: readonly ChatEvent[]): ChatAnswer {
  const assembly = assembleAnswer()
  for (const event of events) assembly.next(event)
  const answer = assembly.answer()
  if (answer === undefined) throw new Error('not whole')
  return answer
}

/** The events of a stream's text: each named as its data says, and numbered from 0. Comments are passed over. */
export function eventsOf(text: string): readonly JsonObject[] {
  const blocks = text.split('\n\n')
  if (blocks.pop() !== '') throw new Error(`not whole: ${text}`)
  const events = blocks.filter((block) => !block.startsWith(':'))
  return events.map((event) => {
    const match = /^event: ([a-z._]+)\ndata: (\{[^\n]*\})$/.exec(event)
    if (match === null) throw new Error(`no event: ${event}`)
    const data = JSON.parse(match[2] ?? '') as JsonObject
    if (data['type'] !== match[1]) throw new Error(`named otherwise: ${event}`)
    return data
  })
}

function clientFor(text: string, chunkBytes: number): OpenAI {
  const bytes = new TextEncoder().encode(text)
  const fetch = (): Promise<Response> => {
    let at = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += chunkBytes)))
        else controller.close()
      },
    })
    return Promise.resolve(
      new Response(stream, { headers: { 'content-type': 'text/event-stream' } }),
    )
  }
  return new OpenAI({ apiKey: 'k', maxRetries: 0, fetch })
}

/** What the official library gathers of a stream that comes in chunks of so many bytes. */
export function readBySdk(text: string, chunkBytes = Infinity): Promise<ResponseObject> {
  const client = clientFor(text, chunkBytes)
  return client.responses.stream({ model: 'm', input: 'hi' }).finalResponse()
}

/** The same, less the last event's copy of the answer: gathered of the pieces alone. */
export async function gatheredBySdk(text: string): Promise<readonly unknown[]> {
  const client = clientFor(text, Infinity)
  const items: unknown[] = []
  for await (const event of client.responses.stream({ model: 'm', input: 'hi' })) {
    if (event.type === 'response.output_item.done') items[event.output_index] = event.item
  }
  return items
}
