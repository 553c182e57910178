import OpenAI, { APIError } from 'openai'
import { expect, test } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import { openAiChatClient } from '../../../../src/formats/openai-chat/client.ts'
import { contextOf } from './fixtures.ts'

const BODY: OpenAI.ChatCompletionCreateParamsStreaming = {
  model: 'm',
  messages: [{ role: 'user', content: 'hi' }],
  stream: true,
  stream_options: { include_usage: true },
  tools: [
    { type: 'function', function: { name: 'get', parameters: {} } },
    { type: 'custom', custom: { name: 'patch' } },
  ],
}

const EVENTS: readonly ChatEvent[] = [
  { kind: 'start', id: 'msg_1', model: 'model-2026' },
  { kind: 'ping' },
  { kind: 'reasoning', text: 'hm' },
  { kind: 'reasoning-proof', proof: { family: 'claude', kind: 'signature', value: 's=' } },
  { kind: 'text', text: 'so ' },
  { kind: 'text', text: 'be it' },
  { kind: 'tool-call', call: 0, id: 'a', name: 'get' },
  { kind: 'tool-arguments', call: 0, text: '{"x":' },
  { kind: 'tool-arguments', call: 0, text: '1}' },
  { kind: 'tool-call-end', call: 0 },
  { kind: 'tool-call', call: 1, id: 'b', name: 'patch' },
  { kind: 'tool-arguments', call: 1, text: '{"input":"+a"}' },
  { kind: 'tool-call-end', call: 1 },
  { kind: 'tool-call', call: 2, id: 'c', name: 'get' },
  { kind: 'tool-call-end', call: 2 },
  { kind: 'usage', usage: { inputTokens: 9, cachedInputTokens: 4, outputTokens: 3 } },
  { kind: 'finish', finish: { reason: 'tool-calls' } },
  { kind: 'end' },
]

function clientOf(text: string): OpenAI {
  return new OpenAI({
    apiKey: 'k',
    maxRetries: 0,
    fetch: () =>
      Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } })),
  })
}

test('OpenAI’s own client makes a whole answer of a stream', async () => {
  const encoder = openAiChatClient.streamEncoder(contextOf({ ...BODY }))
  const text = EVENTS.map((event) => encoder.next(event)).join('')
  const stream = clientOf(text).chat.completions.stream(BODY)
  const content: string[] = []
  stream.on('content', (delta) => content.push(delta))
  const completion = await stream.finalChatCompletion()
  // A client sees the empty content of the first chunk as none.
  expect(content.join('')).toBe('so be it')
  expect(completion).toMatchObject({
    id: 'msg_1',
    object: 'chat.completion',
    created: 1_795_000_000,
    model: 'model-2026',
    choices: [
      {
        index: 0,
        finish_reason: 'tool_calls',
        message: {
          role: 'assistant',
          content: 'so be it',
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'get', arguments: '{"x":1}' } },
            { id: 'b', type: 'custom', custom: { name: 'patch', input: '+a' } },
            { id: 'c', type: 'function', function: { name: 'get', arguments: '{}' } },
          ],
        },
      },
    ],
    usage: {
      prompt_tokens: 9,
      completion_tokens: 3,
      total_tokens: 12,
      prompt_tokens_details: { cached_tokens: 4 },
    },
  })
})

test('OpenAI’s own client is told of a stream that failed', async () => {
  const encoder = openAiChatClient.streamEncoder(contextOf({ ...BODY }))
  const begun = EVENTS.slice(0, 5).map((event) => encoder.next(event))
  const text = begun.join('') + encoder.fail(new GatewayError('upstream_error', 'it broke off'))
  const stream = await clientOf(text).chat.completions.create(BODY)
  const chunks: unknown[] = []
  const read = async (): Promise<void> => {
    for await (const chunk of stream) chunks.push(chunk)
  }
  await expect(read()).rejects.toThrow(APIError)
  await expect(Promise.resolve(chunks)).resolves.toHaveLength(4)
})
