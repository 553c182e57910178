import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPosting, type Posting } from './test-posts.ts'

let posting: Posting
beforeAll(async () => {
  posting = await startPosting()
})
afterAll(() => posting[Symbol.asyncDispose]())

const user = { role: 'user', content: 'hi' }
const toolUse = { type: 'tool_use', id: 't1', name: 'look_up', input: {} }
const toolResult = { type: 'tool_result', tool_use_id: 't1', content: 'sunny' }

test.each<[string, object, string]>([
  ['no max_tokens', { max_tokens: undefined }, 'max_tokens: Field required'],
  ['an unknown field', { n: 1 }, 'n: Extra inputs are not permitted'],
  [
    'an empty text',
    { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
    'must be non-empty',
  ],
  [
    'an unknown block',
    { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
    'messages.0.content.0.type',
  ],
  [
    'a tool use without its result',
    { messages: [user, { role: 'assistant', content: [toolUse] }, user] },
    'without `tool_result`',
  ],
  [
    'a result without its tool use',
    { messages: [{ role: 'user', content: [toolResult] }] },
    'unexpected `tool_use_id`',
  ],
  ['a temperature for a new model', { temperature: 1 }, 'temperature'],
  [
    'a prefill for a new model',
    { messages: [user, { role: 'assistant', content: 'Well' }] },
    'prefill',
  ],
  [
    'a forced tool for a model that cannot',
    { tools: [{ name: 'a', input_schema: { type: 'object' } }], tool_choice: { type: 'any' } },
    'not supported for this model',
  ],
])('anthropic refuses %s', async (_, change, message) => {
  const body = { model: 'claude-sonnet-5-5', max_tokens: 9, messages: [user], ...change }
  const answer = await posting.post('anthropic', body)
  expect(answer).toEqual({ status: 400, text: expect.stringContaining(message) })
  expect((await posting.post('anthropic', { ...body, ...baseline })).status).toBe(200)
})
const baseline = {
  max_tokens: 9,
  messages: [user],
  n: undefined,
  temperature: undefined,
  tools: undefined,
  tool_choice: undefined,
}

describe('every provider refuses', () => {
  test.each(['openai', 'mistral', 'anthropic'] as const)(
    '%s: what is not JSON',
    async (provider) => {
      expect((await posting.post(provider, '{"model":')).status).toBe(400)
      expect((await posting.post(provider, '{}', '', 'text/plain')).status).toBeGreaterThanOrEqual(
        400,
      )
    },
  )

  test.each(['openai', 'mistral', 'anthropic', 'bedrock', 'google_vertex_ai'] as const)(
    '%s: a path that it does not have',
    async (provider) => {
      expect((await posting.post(provider, {}, '/nowhere')).status).toBe(404)
    },
  )
})
