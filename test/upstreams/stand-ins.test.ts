import Anthropic from '@anthropic-ai/sdk'
import OpenAI, { AzureOpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { echo, startStandIns, usageOf, type StandIns } from './stand-ins.ts'
import { baseUrl } from './test-clients.ts'

let standIns: StandIns
beforeAll(async () => {
  standIns = await startStandIns()
})
afterAll(() => standIns.close())

const HEARD = 'Grüße aus 東京'
const messages = [{ role: 'user' as const, content: HEARD }]
const ask = { model: 'claude-sonnet-5-5', max_tokens: 64, messages }
const weather = [{ role: 'user' as const, content: 'the weather, please' }]
const parameters = { type: 'object' as const, properties: { city: { type: 'string' } } }
const proofs = () => standIns.requests.at(-1)?.proof

const chatModels = {
  openai: 'gpt-4.1',
  mistral: 'mistral-large-4-0',
  deepseek: 'deepseek-v4-pro',
  xai: 'grok-4.7',
  zai: 'glm-5.3',
} as const
const chatProviders = ['openai', 'mistral', 'deepseek', 'xai', 'zai'] as const

async function openAiClient(provider: keyof typeof chatModels): Promise<OpenAI> {
  const apiKey = await standIns.issueCredential(provider, `${provider}-${Math.random()}`)
  return new OpenAI({ apiKey, baseURL: baseUrl(standIns, provider), maxRetries: 0 })
}

describe.each(chatProviders)('the openai client at %s', (provider) => {
  const model = chatModels[provider]

  test('is answered', async () => {
    const client = await openAiClient(provider)
    const answer = await client.chat.completions.create({ model, messages })
    expect(answer.choices[0]?.message.content).toBe(echo(provider, HEARD))
    expect(proofs()).toBe('Authorization: Bearer')
  })

  test('streams', async () => {
    const client = await openAiClient(provider)
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    let text = ''
    let finish: string | null | undefined
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? ''
      finish = choices[0]?.finish_reason ?? finish
    }
    expect([text, finish]).toEqual([echo(provider, HEARD), 'stop'])
  })

  test('is asked to call a tool, streamed or not', async () => {
    const client = await openAiClient(provider)
    const tools = [{ type: 'function' as const, function: { name: 'look_up', parameters } }]
    const body = { model, messages: weather, tools }
    const whole = await client.chat.completions.create(body)
    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ function: { name: 'look_up', arguments: '{"city":"Paris"}' } }] },
    })
    const called = { name: '', arguments: '' }
    for await (const { choices } of await client.chat.completions.create({
      ...body,
      stream: true,
    })) {
      const part = choices[0]?.delta.tool_calls?.[0]?.function
      called.name += part?.name ?? ''
      called.arguments += part?.arguments ?? ''
    }
    expect(called).toEqual({ name: 'look_up', arguments: '{"city":"Paris"}' })
  })
})

test('openai says how many tokens a stream took only when asked', async () => {
  const client = await openAiClient('openai')
  const { input, output } = usageOf(HEARD, echo('openai', HEARD))
  for (const include_usage of [true, false]) {
    const stream = await client.chat.completions.create({
      model: 'gpt-4.1',
      messages,
      stream: true,
      stream_options: { include_usage },
    })
    const usages = []
    for await (const { usage } of stream) if (usage) usages.push(usage.total_tokens)
    expect(usages).toEqual(include_usage ? [input + output] : [])
  }
})

test.each(['openai', 'xai'] as const)('the Responses API at %s', async (provider) => {
  const client = await openAiClient(provider)
  const body = { model: chatModels[provider], input: HEARD }
  expect((await client.responses.create(body)).output_text).toBe(echo(provider, HEARD))
  const streamed = await client.responses.stream(body).finalResponse()
  expect(streamed.output_text).toBe(echo(provider, HEARD))
})

test('openai embeds, as base64 and as numbers, and lists models', async () => {
  const client = await openAiClient('openai')
  const body = { model: 'text-embedding-3-small', input: [HEARD, 'b'] }
  const packed = await client.embeddings.create(body)
  const plain = await client.embeddings.create({ ...body, encoding_format: 'float' })
  expect(packed.data).toEqual(plain.data)
  const { data } = await client.models.list()
  expect(data.map(({ id }) => id)).toContain('gpt-4.1')
  expect((await client.models.retrieve('gpt-4.1')).id).toBe('gpt-4.1')
})

test('the azure client, by deployment and by v1', async () => {
  const { endpoint, api_key: apiKey } = await standIns.issueCredential('azure', 'azure')
  const client = new AzureOpenAI({ endpoint, apiKey, apiVersion: '2025-04-01-preview' })
  const body = { model: 'my-deployment', messages }
  const whole = await client.chat.completions.create(body)
  const streamed = await client.chat.completions.stream(body).finalChatCompletion()
  for (const { choices } of [whole, streamed]) {
    expect(choices[0]?.message.content).toBe(echo('azure', HEARD))
  }
  const answer = await client.responses.create({ model: 'my-deployment', input: HEARD })
  expect(answer.output_text).toBe(echo('azure', HEARD))
  expect(proofs()).toBe('api-key')
  const defaultHeaders = { 'api-key': apiKey, authorization: null }
  const v1 = new OpenAI({ baseURL: `${endpoint}/openai/v1`, apiKey: 'unused', defaultHeaders })
  expect((await v1.chat.completions.create(body)).model).toBe('my-deployment')
})

test.each(['apiKey', 'authToken'] as const)('the anthropic client with %s', async (option) => {
  const key = await standIns.issueCredential('anthropic', `anthropic-${option}`)
  const client = new Anthropic({
    apiKey: null,
    [option]: key,
    baseURL: baseUrl(standIns, 'anthropic'),
  })
  const whole = await client.messages.create(ask)
  const streamed = await client.messages.stream(ask).finalMessage()
  for (const { content } of [whole, streamed]) {
    expect(content).toMatchObject([{ type: 'text', text: echo('anthropic', HEARD) }])
  }
  expect((await client.messages.countTokens({ model: ask.model, messages })).input_tokens).toBe(
    usageOf(HEARD, '').input,
  )
  const tools = [{ name: 'look_up', input_schema: parameters }]
  const called = await client.messages.stream({ ...ask, messages: weather, tools }).finalMessage()
  expect(called.content).toMatchObject([{ name: 'look_up', input: { city: 'Paris' } }])
})
