import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPosting, type Posting } from './test-posts.ts'

let posting: Posting
beforeAll(async () => {
  posting = await startPosting()
})
afterAll(() => posting[Symbol.asyncDispose]())

const user = { role: 'user', content: 'hi' }
const fn = { type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } }
const call = (id: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'look_up', arguments: '{}' } }],
})
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'sunny' })

const model = 'gpt-4.1'

type Refused = [string, object, number, string]

const strictly = (what: string, part: object, message: string): Refused[] => {
  const closed = { type: 'object', additionalProperties: false, required: ['b'] }
  const schema = { ...closed, properties: { b: part } }
  const format = { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } }
  return [[`${what} that a strict schema cannot have`, { response_format: format }, 400, message]]
}

test.each<Refused>([
  ['an unknown field', { top_k: 1 }, 400, "Unknown parameter: 'top_k'"],
  [
    'an unknown field in a message',
    { messages: [{ ...user, cache_control: {} }] },
    400,
    'messages.0.cache_control',
  ],
  ['no messages', { messages: [] }, 400, "'messages'"],
  ['an unknown role', { messages: [{ role: 'tool_result', content: '' }] }, 400, 'messages.0.role'],
  ['a provider prefix', { model: 'openai/gpt-4.1' }, 404, 'model_not_found'],
  ['a missing tool result', { messages: [user, call('a'), user] }, 400, "'tool_call_id'"],
  ['an orphaned tool result', { messages: [user, result('a')] }, 400, "role 'tool'"],
  [
    'max_tokens for a reasoning model',
    { model: 'gpt-6-sol', max_tokens: 5 },
    400,
    'unsupported_parameter',
  ],
  ['tools for gpt-5.5 without effort', { model: 'gpt-5.5', tools: [fn] }, 400, 'use /v1/responses'],
  ['a model of the Responses API', { model: 'gpt-5.3-codex' }, 404, 'v1/responses'],
  ['a larger one of them', { model: 'gpt-5.4-pro' }, 404, 'v1/responses'],
  ['another family of them', { model: 'gpt-daybreak-blue-latest' }, 404, 'v1/responses'],
  [
    'any effort but one of a model that chats',
    { model: 'gpt-5.2-chat-latest', reasoning_effort: 'low' },
    400,
    'unsupported_value',
  ],
  [
    'a mark on a tool',
    { tools: [{ ...fn, cache_control: { type: 'ephemeral' } }] },
    400,
    'tools.0.cache_control',
  ],
  ['temperature with reasoning', { model: 'gpt-6-sol', temperature: 0 }, 400, 'default (1)'],
  ['stop with reasoning', { model: 'gpt-6-sol', stop: 'x' }, 400, `'stop'`],
  ['penalties with reasoning', { model: 'o3', presence_penalty: 1 }, 400, 'default (0)'],
  ['logprobs with reasoning', { model: 'gpt-5.5', logprobs: true }, 400, `'logprobs'`],
  ['an effort too high', { model: 'gpt-5.1', reasoning_effort: 'xhigh' }, 400, 'unsupported_value'],
  [
    'max effort on chat',
    { model: 'gpt-5.6-sol', reasoning_effort: 'max' },
    400,
    'unsupported_value',
  ],
  [
    'no effort where there is always some',
    { model: 'gpt-5', reasoning_effort: 'none' },
    400,
    'minimal',
  ],
  ['effort without reasoning', { reasoning_effort: 'low' }, 400, 'reasoning_effort'],
  ['a choice without tools', { tool_choice: 'auto' }, 400, `'tools' are specified`],
  ['parallel calls without tools', { parallel_tool_calls: false }, 400, `'tools' are specified`],
  ['metadata that is not stored', { metadata: { a: 'b' } }, 400, `'store' is enabled`],
  ['usage without a stream', { stream_options: {} }, 400, `'stream' is enabled`],
  [
    'JSON that nobody was told of',
    { response_format: { type: 'json_object' } },
    400,
    `the word 'json'`,
  ],
  [
    'a strict schema that is open',
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'a', strict: true, schema: { type: 'object' } },
      },
    },
    400,
    'additionalProperties',
  ],
  [
    'a strict function with optional members',
    {
      tools: [
        {
          type: 'function',
          function: {
            name: 'a',
            strict: true,
            parameters: { type: 'object', additionalProperties: false, properties: { b: {} } },
          },
        },
      ],
    },
    400,
    `Missing 'b'`,
  ],
  ...strictly('a default', { type: 'string', default: 'x' }, "'default' is not permitted"),
  ...strictly('a format', { type: 'string', format: 'uri' }, "'uri' is not a valid format"),
  ...strictly('a reference', { $ref: '#/$defs/a', title: 'x' }, "keywords {'title'}"),
  ...strictly('a part', {}, "must have a 'type' key"),
  ...strictly('an object or null', { type: ['object', 'null'] }, "'additionalProperties'"),
  [
    'an image that is no URL',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'AAAA' } }] }] },
    400,
    'image_url',
  ],
])('openai refuses %s', async (_, change, status, message) => {
  const answer = await posting.post('openai', { model, messages: [user], ...change })
  expect(answer).toEqual({ status, text: expect.stringContaining(message) })
  expect((await posting.post('openai', { model, messages: [user] })).status).toBe(200)
})
