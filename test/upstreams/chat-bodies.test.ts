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
  openai: 'gpt-4.1',
  mistral: 'mistral-large-4-0',
  deepseek: 'deepseek-v4-pro',
  xai: 'grok-4.7',
  zai: 'glm-5.3',
}

test.each<[ProviderName, string, object, number, string]>([
  ['openai', 'an unknown field', { top_k: 1 }, 400, "Unknown parameter: 'top_k'"],
  [
    'openai',
    'an unknown field in a message',
    { messages: [{ ...user, cache_control: {} }] },
    400,
    'messages.0.cache_control',
  ],
  ['openai', 'no messages', { messages: [] }, 400, "'messages'"],
  [
    'openai',
    'an unknown role',
    { messages: [{ role: 'tool_result', content: '' }] },
    400,
    'messages.0.role',
  ],
  ['openai', 'a provider prefix', { model: 'openai/gpt-4.1' }, 404, 'model_not_found'],
  ['openai', 'a missing tool result', { messages: [user, call('a'), user] }, 400, "'tool_call_id'"],
  ['openai', 'an orphaned tool result', { messages: [user, result('a')] }, 400, "role 'tool'"],
  [
    'openai',
    'max_tokens for a reasoning model',
    { model: 'gpt-6-sol', max_tokens: 5 },
    400,
    'unsupported_parameter',
  ],
  [
    'openai',
    'tools for gpt-5.5 without effort',
    { model: 'gpt-5.5', tools: [fn] },
    400,
    'use /v1/responses',
  ],
  ['openai', 'a model of the Responses API', { model: 'gpt-5.3-codex' }, 404, 'v1/responses'],
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
