import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAi } from '../support/clients.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { BAD_REQUEST_MESSAGE, echo, type ProviderName } from '../upstreams/stand-ins.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization()
})
afterAll(() => keyway[Symbol.asyncDispose]())

const HEARD = 'Grüße aus 東京'
const messages = [{ role: 'user' as const, content: HEARD }]
const client = (path = '/v1') => openAi(keyway.url + path, organization.apiKey)

const MODELS: readonly (readonly [ProviderName, model: string])[] = [
  ['openai', 'openai/gpt-4.1'],
  ['openai', 'gpt-4.1'],
  ['azure', 'azure/my-deployment'],
  ['mistral', 'mistral/mistral-large-4-0'],
  ['deepseek', 'deepseek-v4-pro'],
  ['xai', 'grok-4.7'],
  ['zai', 'zai/glm-5.3'],
]

describe.each(MODELS)('chat completions at %s as %s', (provider, model) => {
  test('answers', async () => {
    const answer = await client().chat.completions.create({ model, messages })
    expect(answer.choices[0]?.message.content).toBe(echo(provider, HEARD))
  })

  test('streams', async () => {
    const stream = client().chat.completions.stream({ model, messages })
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe(
      echo(provider, HEARD),
    )
  })

  test("keeps the status and the words of the provider's own error", async () => {
    keyway.standIns.misbehave(provider, { kind: 'bad-request' }, { times: 1 })
    const call = client().chat.completions.create({ model, messages })
    await expect(call).rejects.toThrow(BAD_REQUEST_MESSAGE)
    await expect(call).rejects.toMatchObject({
      status: lastRequest(keyway.standIns, provider).status,
      error: { message: expect.any(String), type: expect.any(String) },
    })
  })

  test('fails in the stream when it is cut off', async () => {
    keyway.standIns.misbehave(provider, { kind: 'die-midway', afterEvents: 3 }, { times: 1 })
    const stream = await client().chat.completions.create({ model, messages, stream: true })
    const read = async (): Promise<void> => {
      for await (const chunk of stream) void chunk
    }
    await expect(read()).rejects.toThrow(/before its answer was complete/)
  })
})

describe.each([
  ['openai', 'openai/gpt-4.1'],
  ['azure', 'azure/my-deployment'],
  ['xai', 'xai/grok-4.7'],
] as const)('responses at %s', (provider, model) => {
  test.each(['/v1', '/openai/v1'])('answers and streams under %s', async (path) => {
    const body = { model, input: HEARD }
    expect((await client(path).responses.create(body)).output_text).toBe(echo(provider, HEARD))
    const streamed = await client(path).responses.stream(body).finalResponse()
    expect(streamed.output_text).toBe(echo(provider, HEARD))
  })

  test('fails in the stream when it is cut off', async () => {
    keyway.standIns.misbehave(provider, { kind: 'die-midway', afterEvents: 3 }, { times: 1 })
    const stream = client().responses.stream({ model, input: HEARD })
    await expect(stream.finalResponse()).rejects.toThrow(/before its answer was complete/)
  })
})

test.each([
  ['openai/text-embedding-3-small', 'openai'],
  ['text-embedding-3-small', 'openai'],
  ['mistral/mistral-embed', 'mistral'],
  ['azure/my-embedder', 'azure'],
] as const)('%s embeds', async (model, provider) => {
  const { data } = await client().embeddings.create({
    model,
    input: [HEARD, 'b'],
    encoding_format: 'float',
  })
  expect(data).toHaveLength(2)
  expect(lastRequest(keyway.standIns, provider).credential).toContain(provider)
})

test('a setting maps a model to the deployment that serves it, in the dated URL shape', async () => {
  const own = await keyway.organization({ providers: [] })
  await own.addProviderKey('azure', {
    body: {
      settings: { api_version: '2025-04-01-preview', deployments: { 'gpt-5.5': 'prod-55' } },
    },
  })
  const azure = openAi(`${keyway.url}/v1`, own.apiKey)
  await azure.chat.completions.create({ model: 'azure/gpt-5.5', messages })
  const received = lastRequest(keyway.standIns, 'azure')
  expect(received.path).toBe(
    '/openai/deployments/prod-55/chat/completions?api-version=2025-04-01-preview',
  )
  expect(received.json).toMatchObject({ model: 'prod-55' })
})

test('the request keeps every byte but the model', async () => {
  const body =
    '{ "metadata" : {"model":"inner","big": 12345678901234567890},\n "model":"openai/gpt-4.1", "seed": 9007199254740993 ,"messages":[{"role":"user","content":"\\u00e9 \\"model\\""}]}'
  const response = await fetch(`${keyway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${organization.apiKey}`, 'content-type': 'application/json' },
    body,
  })
  await response.text()
  expect(lastRequest(keyway.standIns, 'openai').body).toBe(
    body.replace('"openai/gpt-4.1"', '"gpt-4.1"'),
  )
})

test.each([
  ['anthropic', 'anthropic/claude-opus-5-5'],
  ['bedrock', 'bedrock/amazon.nova-pro-v1:0'],
  ['google_vertex_ai', 'google_vertex_ai/gemini-3.8-flash'],
] as const)('%s answers chat completions in translation as %s', async (provider, model) => {
  const completion = await client().chat.completions.create({ model, messages })
  expect(completion).toMatchObject({
    object: 'chat.completion',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant' } }],
    usage: { total_tokens: expect.any(Number) as number },
  })
  expect(completion.choices[0]?.message.content).toContain(`heard: ${HEARD}`)
  expect(lastRequest(keyway.standIns, provider).status).toBe(200)
})

test('what no service of a provider is like is refused, and says whose fault it is', async () => {
  const call = client().embeddings.create({ model: 'deepseek/deepseek-flash', input: 'Hello' })
  await expect(call).rejects.toMatchObject({
    status: 400,
    code: 'unsupported_parameter',
    param: 'model',
  })
})

describe('the list of models', () => {
  test('holds what the organization has keys for, in the shape that the SDK reads', async () => {
    const own = await keyway.organization({ providers: ['openai', 'mistral'] })
    const { data } = await openAi(`${keyway.url}/v1`, own.apiKey).models.list()
    const owners = new Set(data.map((model) => model.owned_by))
    expect([...owners].toSorted()).toEqual(['mistral', 'openai'])
    const model = await openAi(`${keyway.url}/v1`, own.apiKey).models.retrieve(data[0]?.id ?? '')
    expect(model).toEqual(data[0])
  })

  test('leaves out what the key may not use', async () => {
    const own = await keyway.organization({
      providers: ['openai', 'mistral'],
      apiKey: { providers: ['openai'], models: ['gpt-5.5', 'openai/text-*'] },
    })
    const { data } = await openAi(`${keyway.url}/v1`, own.apiKey).models.list()
    expect(data.map(({ id }) => id).toSorted()).toEqual([
      'openai/gpt-5.5',
      'openai/text-embedding-3-large',
      'openai/text-embedding-3-small',
    ])
  })

  test('a model that is not in it is not found', async () => {
    const call = client().models.retrieve('openai/nothing-of-the-kind')
    await expect(call).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    await expect(call).rejects.toMatchObject({ code: 'unknown_model' })
  })

  test("#42 comes in Anthropic's shape for its clients", async () => {
    const response = await fetch(`${keyway.url}/v1/models`, {
      headers: { 'x-api-key': organization.apiKey, 'anthropic-version': '2023-06-01' },
    })
    expect(await response.json()).toMatchObject({
      data: expect.arrayContaining([
        expect.objectContaining({ type: 'model', id: 'anthropic/claude-opus-5-5' }),
      ]),
      has_more: false,
    })
  })
})
