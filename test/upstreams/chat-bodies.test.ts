import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProviderName } from './provider-name.ts'
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

const models: Partial<Record<ProviderName, string>> = {
  mistral: 'mistral-large-4-0',
  deepseek: 'deepseek-v4-pro',
  xai: 'grok-4.7',
  zai: 'glm-5.3',
}

test.each<[ProviderName, string, object, number, string]>([
  ['mistral', 'an unknown field', { user: 'x' }, 422, 'extra_forbidden'],
  [
    'mistral',
    "another provider's field in a message",
    { messages: [user, { role: 'assistant', content: 'a', reasoning_content: 'b' }, user] },
    422,
    'reasoning_content',
  ],
  [
    'mistral',
    'stream_options',
    { stream: true, stream_options: { include_usage: true } },
    422,
    'stream_options',
  ],
  ['mistral', 'max_completion_tokens', { max_completion_tokens: 5 }, 422, 'max_completion_tokens'],
  [
    'mistral',
    'a long tool call id',
    { messages: [user, call('call_1234567'), result('call_1234567')] },
    400,
    '3280',
  ],
  [
    'mistral',
    'a developer',
    { messages: [{ role: 'developer', content: 'x' }, user] },
    422,
    'role',
  ],
  [
    'deepseek',
    'a developer',
    { messages: [{ role: 'developer', content: 'x' }, user] },
    422,
    'messages.0.role',
  ],
  [
    'deepseek',
    'a forced tool while thinking',
    { tools: [fn], tool_choice: { type: 'function', function: { name: 'look_up' } } },
    400,
    'does not support this tool_choice',
  ],
  [
    'deepseek',
    'forgotten reasoning',
    { messages: [user, call('a'), result('a')], tools: [fn] },
    400,
    'must be passed back',
  ],
  [
    'mistral',
    'a result for another call',
    { messages: [user, call('abcdefghi'), result('ihgfedcba')] },
    400,
    'Unexpected tool call id',
  ],
  [
    'mistral',
    'one id for two calls',
    {
      messages: [
        user,
        {
          ...call('abcdefghi'),
          tool_calls: [...call('abcdefghi').tool_calls, ...call('abcdefghi').tool_calls],
        },
        result('abcdefghi'),
      ],
    },
    400,
    'Duplicate tool call id',
  ],
  [
    'mistral',
    'an empty assistant',
    { messages: [user, { role: 'assistant', content: '' }, user] },
    400,
    '3240',
  ],
  [
    'mistral',
    'a user after a tool with an older model',
    { model: 'mistral-small-2503', messages: [user, call('abcdefghi'), result('abcdefghi'), user] },
    400,
    `after role 'tool'`,
  ],
  [
    'mistral',
    'medium effort of a smaller model',
    { model: 'mistral-small-2603', reasoning_effort: 'medium' },
    400,
    'reasoning_effort',
  ],
  [
    'mistral',
    'an unknown part',
    { messages: [{ role: 'user', content: [{ type: 'file', file: {} }] }] },
    422,
    'file',
  ],
  [
    'deepseek',
    'an image for a model that is blind',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
        },
      ],
    },
    422,
    'image_url',
  ],
  [
    'deepseek',
    'JSON that nobody was told of',
    { response_format: { type: 'json_object' } },
    400,
    `the word 'json'`,
  ],
  ['deepseek', 'a schema', { response_format: { type: 'json_schema' } }, 400, 'unavailable'],
  [
    'deepseek',
    'a missing tool result',
    { messages: [user, { ...call('a'), reasoning_content: '' }, user] },
    400,
    `'tool_call_id'`,
  ],
  ['zai', 'a schema', { response_format: { type: 'json_schema' } }, 400, '1210'],
  [
    'zai',
    'an image for a model that is blind',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
        },
      ],
    },
    400,
    '1210',
  ],
  [
    'mistral',
    "a mark of another provider's on a tool",
    { tools: [{ ...fn, cache_control: { type: 'ephemeral' } }] },
    422,
    'cache_control',
  ],
  ['deepseek', 'max_completion_tokens', { max_completion_tokens: 5 }, 422, 'max_completion_tokens'],
  [
    'deepseek',
    'a strict tool',
    { tools: [{ ...fn, function: { ...fn.function, strict: true } }] },
    400,
    'beta',
  ],
  ['xai', 'no effort of a model that always thinks', { reasoning_effort: 'none' }, 400, 'none'],
  [
    'xai',
    'effort that is newer than the model',
    { model: 'grok-4.5', reasoning_effort: 'xhigh' },
    400,
    'xhigh',
  ],
  ['zai', 'max_completion_tokens', { max_completion_tokens: 5 }, 400, 'max_completion_tokens'],
  ['zai', 'penalties', { presence_penalty: 0 }, 400, 'presence_penalty'],
  ['zai', 'a seed', { seed: 1 }, 400, 'seed'],
  ['zai', 'options of streams', { stream_options: {} }, 400, 'stream_options'],
  ['zai', 'not to think', { thinking: { type: 'disabled' } }, 400, 'thinking.type'],
  [
    'zai',
    'effort of a model that knows none',
    { model: 'glm-4.7', reasoning_effort: 'high' },
    400,
    'reasoning_effort',
  ],
  [
    'zai',
    'a strict tool',
    { tools: [{ ...fn, function: { ...fn.function, strict: true } }] },
    400,
    'strict',
  ],
  ['zai', 'medium effort', { reasoning_effort: 'medium' }, 400, 'reasoning_effort'],
  ['xai', 'max effort', { reasoning_effort: 'max' }, 422, 'reasoning_effort'],
  ['xai', 'stop for a reasoning model', { stop: ['x'] }, 400, 'Argument not supported'],
  ['zai', 'a forced tool', { tools: [fn], tool_choice: 'required' }, 400, '1210'],
  ['zai', 'a temperature over 1', { temperature: 1.5 }, 400, 'temperature'],
])('%s refuses %s', async (provider, _, change, status, message) => {
  const body = { model: models[provider], messages: [user], ...change }
  const answer = await posting.post(provider, body)
  expect(answer).toEqual({ status, text: expect.stringContaining(message) })
  expect((await posting.post(provider, { model: models[provider], messages: [user] })).status).toBe(
    200,
  )
})
