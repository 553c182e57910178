import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { azureOpenAi, openAi } from '../support/clients.ts'
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

const PROVIDERS: readonly (readonly [ProviderName, path: string, model: string])[] = [
  ['openai', '/native/openai/v1', 'gpt-4.1'],
  ['openai', '/native/openai', 'gpt-4.1'],
  ['mistral', '/native/mistral/v1', 'mistral-large-4-0'],
  ['mistral', '/native/mistral', 'mistral-large-4-0'],
  ['deepseek', '/native/deepseek', 'deepseek-v4-pro'],
  ['xai', '/native/xai/v1', 'grok-4.7'],
  ['zai', '/native/zai', 'glm-5.3'],
  ['zai', '/native/zai/v4', 'glm-5.3'],
]

describe.each(PROVIDERS)('the openai SDK at %s through %s', (provider, path, model) => {
  const client = () => openAi(keyway.url + path, organization.apiKey)

  test('is answered', async () => {
    const answer = await client().chat.completions.create({ model, messages })
    expect(answer.choices[0]?.message.content).toBe(echo(provider, HEARD))
    expect(lastRequest(keyway.standIns, provider).proof).toBe('Authorization: Bearer')
  })

  test('streams', async () => {
    const stream = await client().chat.completions.create({ model, messages, stream: true })
    let text = ''
    let finish: string | null | undefined
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? ''
      finish = choices[0]?.finish_reason ?? finish
    }
    expect([text, finish]).toEqual([echo(provider, HEARD), 'stop'])
  })

  test("gets the provider's own error", async () => {
    keyway.standIns.misbehave(provider, { kind: 'bad-request' }, { times: 1 })
    const call = client().chat.completions.create({ model, messages })
    await expect(call).rejects.toThrow(BAD_REQUEST_MESSAGE)
    expect(lastRequest(keyway.standIns, provider).status).toBeGreaterThanOrEqual(400)
  })
})

describe('the openai SDK at openai', () => {
  const client = () => openAi(`${keyway.url}/native/openai/v1`, organization.apiKey)

  test('calls Responses, embeds and lists models', async () => {
    const body = { model: 'gpt-4.1', input: HEARD }
    expect((await client().responses.create(body)).output_text).toBe(echo('openai', HEARD))
    const streamed = await client().responses.stream(body).finalResponse()
    expect(streamed.output_text).toBe(echo('openai', HEARD))
    const embedding = { model: 'text-embedding-3-small', input: [HEARD] }
    expect((await client().embeddings.create(embedding)).data).toHaveLength(1)
    const models = await client().models.list()
    expect(models.data.map(({ id }) => id)).toContain('gpt-4.1')
  })

  test('is told of a wrong key', async () => {
    const wrong = openAi(`${keyway.url}/native/openai/v1`, 'sk-not-a-keyway-key')
    const call = wrong.chat.completions.create({ model: 'gpt-4.1', messages })
    await expect(call).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
    await expect(call).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
  })
})

describe('AzureOpenAI', () => {
  const body = { model: 'my-deployment', messages }

  test.each([
    ['the native surface', '/native/azure', 'my-deployment'],
    ["Keyway's own Azure paths", '', 'azure/my-deployment'],
  ])('is answered and streams on %s', async (_, path, model) => {
    const client = azureOpenAi(keyway.url + path, organization.apiKey)
    const whole = await client.chat.completions.create({ ...body, model })
    const streamed = await client.chat.completions.stream({ ...body, model }).finalChatCompletion()
    for (const { choices } of [whole, streamed]) {
      expect(choices[0]?.message.content).toBe(echo('azure', HEARD))
    }
    expect(lastRequest(keyway.standIns, 'azure').proof).toBe('api-key')
    expect(lastRequest(keyway.standIns, 'azure').path).not.toContain('azure%2F')
  })

  test('embeds through the native surface', async () => {
    const client = azureOpenAi(`${keyway.url}/native/azure`, organization.apiKey)
    const { data } = await client.embeddings.create({ model: 'my-embedder', input: HEARD })
    expect(data).toHaveLength(1)
  })

  test("gets Azure's own error", async () => {
    keyway.standIns.misbehave('azure', { kind: 'bad-request' }, { times: 1 })
    const client = azureOpenAi(`${keyway.url}/native/azure`, organization.apiKey)
    await expect(client.chat.completions.create(body)).rejects.toThrow(BAD_REQUEST_MESSAGE)
  })

  test('reaches v1 through the native surface with the openai SDK', async () => {
    const client = openAi(`${keyway.url}/native/azure/openai/v1`, organization.apiKey)
    const answer = await client.chat.completions.create(body)
    expect(answer.choices[0]?.message.content).toBe(echo('azure', HEARD))
    expect(lastRequest(keyway.standIns, 'azure').path).toBe('/openai/v1/chat/completions')
  })
})
