import {
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { echo, startStandIns, usageOf, type StandIns } from './stand-ins.ts'
import {
  anthropicBedrock,
  anthropicVertex,
  awsClient,
  baseUrl,
  googleClient,
  mintToken,
} from './test-clients.ts'

let standIns: StandIns
beforeAll(async () => {
  standIns = await startStandIns()
})
afterAll(() => standIns.close())

const HEARD = 'Grüße aus 東京'
const messages = [{ role: 'user' as const, content: HEARD }]
const ask = { model: 'claude-sonnet-5-5', max_tokens: 64, messages }

describe.each(['iam', 'sts', 'api_key'] as const)('bedrock with %s credentials', (kind) => {
  const modelId = 'anthropic.claude-opus-4-5-20251101-v1:0'
  const conversation = {
    modelId,
    messages: [{ role: 'user' as const, content: [{ text: HEARD }] }],
  }
  const region = 'eu-west-1'
  const endpoint = () => baseUrl(standIns, 'bedrock', region)
  const text = echo('bedrock', HEARD)
  let label = 0
  const issue = async () => {
    label += 1
    return (
      await standIns.issueCredential('bedrock', `${kind}-${label}`, { kind, regions: [region] })
    )[region]
  }

  test.each([
    modelId,
    'us.anthropic.claude-sonnet-4-6',
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh',
  ])("AWS's client converses with %s", async (model) => {
    const client = awsClient(endpoint(), region, await issue())
    const whole = await client.send(new ConverseCommand({ ...conversation, modelId: model }))
    expect(whole.output?.message?.content).toEqual([{ text: text }])
    const { stream } = await client.send(new ConverseStreamCommand(conversation))
    let said = ''
    for await (const event of stream ?? []) said += event.contentBlockDelta?.delta?.text ?? ''
    expect(said).toBe(text)
    client.destroy()
  })

  test("AWS's client invokes and counts", async () => {
    const client = awsClient(endpoint(), region, await issue())
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 9,
      messages,
    })
    const invocation = { modelId, contentType: 'application/json', body }
    const whole = await client.send(new InvokeModelCommand(invocation))
    expect(JSON.parse(whole.body.transformToString())).toMatchObject({
      content: [{ text: text }],
    })
    const streamed = await client.send(new InvokeModelWithResponseStreamCommand(invocation))
    const events: string[] = []
    for await (const { chunk } of streamed.body ?? []) {
      events.push(Buffer.from(chunk?.bytes ?? []).toString())
    }
    expect(events.at(-1)).toContain('amazon-bedrock-invocationMetrics')
    const counted = await client.send(
      new CountTokensCommand({ modelId, input: { converse: { messages: conversation.messages } } }),
    )
    expect(counted.inputTokens).toBe(usageOf(HEARD, '').input)
    client.destroy()
  })

  test("Anthropic's client", async () => {
    const client = anthropicBedrock(endpoint(), region, await issue())
    const body = { ...ask, model: 'anthropic.claude-opus-4-8' }
    const whole = await client.messages.create(body)
    const streamed = await client.messages.stream(body).finalMessage()
    for (const { content } of [whole, streamed]) expect(content).toMatchObject([{ text: text }])
  })
})

describe.each(['us-central1', 'global'])('vertex in %s', (location) => {
  const text = echo('google_vertex_ai', HEARD)
  const place = async () => {
    const file = await standIns.issueCredential('google_vertex_ai', `google-${Math.random()}`)
    return { location, project: file.project_id, token: await mintToken(standIns, file) }
  }

  test("Google's client", async () => {
    const { models } = googleClient(standIns, await place())
    const body = { model: 'gemini-3.8-flash', contents: HEARD }
    expect((await models.generateContent(body)).text).toBe(text)
    let said = ''
    for await (const chunk of await models.generateContentStream(body)) said += chunk.text ?? ''
    expect(said).toBe(text)
    expect((await models.countTokens(body)).totalTokens).toBe(usageOf(HEARD, '').input)
    const embedded = await models.embedContent({ ...body, model: 'text-embedding-005' })
    expect(embedded.embeddings?.[0]?.values).toHaveLength(8)
    const config = { tools: [{ functionDeclarations: [{ name: 'look_up' }] }] }
    const called = await models.generateContent({ ...body, contents: 'weather', config })
    expect(called.functionCalls).toMatchObject([{ name: 'look_up', args: { city: 'Paris' } }])
  })

  test("Anthropic's client", async () => {
    const client = anthropicVertex(standIns, await place())
    const whole = await client.messages.create(ask)
    const streamed = await client.messages.stream(ask).finalMessage()
    for (const { content } of [whole, streamed]) expect(content).toMatchObject([{ text: text }])
    const counted = await client.messages.countTokens({ model: ask.model, messages })
    expect(counted.input_tokens).toBe(usageOf(HEARD, '').input)
  })
})
