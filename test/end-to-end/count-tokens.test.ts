import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../support/call.ts'
import { anthropic } from '../support/clients.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { BAD_REQUEST_MESSAGE, type ProviderName, usageOf } from '../upstreams/stand-ins.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization()
})
afterAll(() => keyway[Symbol.asyncDispose]())
afterEach(() => keyway.standIns.reset({ requests: true }))

const HEARD = 'What is the weather in 東京?'
const conversation = {
  system: [
    { type: 'text' as const, text: 'Be brief.', cache_control: { type: 'ephemeral' as const } },
  ],
  messages: [{ role: 'user' as const, content: HEARD }],
  tools: [
    {
      name: 'get_weather',
      description: 'The weather in a city',
      input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } },
    },
  ],
}
const count = (model: string, more: object = {}) =>
  anthropic(keyway.url, organization.apiKey)
    .messages.countTokens({ model, ...conversation, ...more })
    .withResponse()

/** What every stand-in counts for what was heard. */
const COUNTED = usageOf(HEARD, '').input

const COUNTING: readonly (readonly [ProviderName, model: string, path: RegExp])[] = [
  ['anthropic', 'claude-sonnet-5-5', /^\/v1\/messages\/count_tokens$/],
  [
    'google_vertex_ai',
    'google_vertex_ai/claude-sonnet-5-5',
    /\/publishers\/anthropic\/models\/count-tokens:rawPredict$/,
  ],
  ['azure', 'azure/claude-sonnet-5-5', /^\/anthropic\/v1\/messages\/count_tokens$/],
  [
    'bedrock',
    'bedrock/us.anthropic.claude-sonnet-4-6',
    /\/model\/anthropic\.claude-sonnet-4-6\/count-tokens$/,
  ],
  [
    'google_vertex_ai',
    'gemini-3.8-flash',
    /\/publishers\/google\/models\/gemini-3\.8-flash:countTokens$/,
  ],
  ['bedrock', 'bedrock/amazon.nova-pro-v1:0', /\/model\/amazon\.nova-pro-v1%3A0\/count-tokens$/],
  [
    'bedrock',
    'bedrock/us.amazon.nova-2-lite-v1:0',
    /\/model\/amazon\.nova-2-lite-v1%3A0\/count-tokens$/,
  ],
  ['openai', 'openai/gpt-5.5', /^\/v1\/responses\/input_tokens$/],
  ['openai', 'gpt-5.4-pro', /^\/v1\/responses\/input_tokens$/],
]

describe.each(COUNTING)('%s counts the tokens of %s', (provider, model, path) => {
  test('where it has an operation for it', async () => {
    const { data, response } = await count(model)
    expect(data).toEqual({ input_tokens: COUNTED })
    expect(response.headers.get('x-keyway-warnings') ?? '').not.toContain('estimated')
    expect(response.headers.get('x-keyway-provider')).toBe(provider)
    expect(lastRequest(keyway.standIns, provider).path).toMatch(path)
  })

  test('of a conversation with a budget to think with, and calls of tools', async () => {
    const { data } = await count(model, {
      thinking: { type: 'adaptive' },
      messages: [
        { role: 'user', content: 'What is the weather?' },
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain' },
            { type: 'text', text: HEARD },
          ],
        },
      ],
    })
    expect(data.input_tokens).toBeGreaterThanOrEqual(COUNTED)
  })

  test('and its errors are told in the shape of the caller', async () => {
    keyway.standIns.misbehave(provider, { kind: 'bad-request' }, { times: 1 })
    await expect(count(model)).rejects.toMatchObject({
      status: 400,
      error: {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: expect.stringContaining(BAD_REQUEST_MESSAGE) as string,
        },
      },
    })
  })
})

describe.each(['mistral/mistral-large-4-0', 'deepseek-v4-pro', 'grok-4.7', 'zai/glm-5.3'])(
  'the tokens of %s',
  (model) => {
    test('are estimated, and the caller hears it', async () => {
      const { data, response } = await count(model)
      expect(response.headers.get('x-keyway-warnings')).toBe('input_tokens:estimated')
      expect(response.headers.get('x-keyway-request-id')).toMatch(/^req_/)
      expect(response.headers.get('request-id')).toMatch(/^req_/)
      expect(Object.keys(data)).toEqual(['input_tokens'])
      expect(data.input_tokens).toBeGreaterThan(10)
      expect(data.input_tokens).toBeLessThan(100)
      expect(keyway.standIns.requests).toEqual([])
    })

    test('are more for more words', async () => {
      const content = HEARD.repeat(100)
      const one = (await count(model)).data.input_tokens
      const many = (await count(model, { messages: [{ role: 'user', content }] })).data.input_tokens
      expect(many - one).toBeGreaterThan(500)
    })
  },
)

test.each([
  [{}, 1],
  [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, 2049],
  [{ max_tokens: 4096 }, 4096],
])('Bedrock is told how long an answer might be: %j', async (more, maxTokens) => {
  await call(keyway, organization, {
    path: '/v1/messages/count_tokens',
    body: { ...conversation, ...more, model: 'bedrock/us.anthropic.claude-sonnet-4-5' },
  })
  const { json } = lastRequest(keyway.standIns, 'bedrock')
  const { input } = json as { input: { invokeModel: { body: string } } }
  expect(JSON.parse(Buffer.from(input.invokeModel.body, 'base64').toString())).toEqual({
    ...conversation,
    ...more,
    max_tokens: maxTokens,
    anthropic_version: 'bedrock-2023-05-31',
  })
})

test.each([
  [{ messages: 'Hello' }, 'messages'],
  [{ messages: [{ role: 'user', content: [{ type: 'image' }] }] }, 'messages.0.content.0.source'],
])('a conversation that is none is refused: %j', async (body, param) => {
  for (const model of ['mistral/mistral-large-4-0', 'openai/gpt-5.5', 'gemini-3.8-flash']) {
    const answer = await call(keyway, organization, {
      path: '/v1/messages/count_tokens',
      body: { model, ...body },
    })
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining(param) as string },
    })
  }
  expect(keyway.standIns.requests).toEqual([])
})

test('a key that may not use a model may not have its tokens counted or estimated', async () => {
  const own = await keyway.organization({ apiKey: { models: ['claude-*'] } })
  for (const model of ['mistral/mistral-large-4-0', 'gemini-3.8-flash']) {
    const counting = anthropic(keyway.url, own.apiKey).messages.countTokens({
      model,
      ...conversation,
    })
    await expect(counting).rejects.toMatchObject({ status: 403 })
  }
})

test('#42 a model that is not Claude is never sent to Anthropic', async () => {
  await count('gemini-3.8-flash')
  await count('openai/gpt-5.5')
  expect(keyway.standIns.requests.map(({ provider }) => provider)).not.toContain('anthropic')
})
