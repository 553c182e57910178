import {
  type BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awsBedrock, awsBedrockSigning } from '../support/clients.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { BAD_REQUEST_MESSAGE, echo, usageOf } from '../upstreams/stand-ins.ts'

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

const HEARD = 'Grüße aus 東京'
const MODEL = 'anthropic.claude-opus-4-5-20251101-v1:0'
const conversation = {
  modelId: MODEL,
  messages: [{ role: 'user' as const, content: [{ text: HEARD }] }],
}

const KINDS = ['iam', 'sts', 'api_key'] as const
const CLIENTS: readonly (readonly [
  name: string,
  client: (endpoint: string, apiKey: string) => BedrockRuntimeClient,
])[] = [
  ['a bearer token', awsBedrock],
  ['a signature of dummy keys', awsBedrockSigning],
]

describe.each(KINDS)('the AWS SDK, with the organization keeping %s credentials', (kind) => {
  let organization: Organization
  beforeAll(async () => {
    organization = await keyway.organization({ providers: [] })
    await organization.addProviderKey('bedrock', { issue: { kind, regions: ['us-east-1'] } })
  })

  describe.each(CLIENTS)('and the client %s', (_, make) => {
    const client = () => make(`${keyway.url}/native/bedrock`, organization.apiKey)

    test.each([
      MODEL,
      'us.anthropic.claude-sonnet-4-6',
      'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh',
    ])('converses with %s', async (modelId) => {
      const answer = await client().send(new ConverseCommand({ ...conversation, modelId }))
      expect(answer.output?.message?.content).toEqual([{ text: echo('bedrock', HEARD) }])
    })

    test('streams a conversation', async () => {
      const { stream } = await client().send(new ConverseStreamCommand(conversation))
      let text = ''
      for await (const event of stream ?? []) text += event.contentBlockDelta?.delta?.text ?? ''
      expect(text).toBe(echo('bedrock', HEARD))
    })

    test('invokes and counts', async () => {
      const body = JSON.stringify({
        anthropic_version: 'bedrock-2023-05-31',
        max_tokens: 9,
        messages: [{ role: 'user', content: HEARD }],
      })
      const invocation = { modelId: MODEL, contentType: 'application/json', body }
      const whole = await client().send(new InvokeModelCommand(invocation))
      expect(whole.body.transformToString()).toContain('heard')
      const streamed = await client().send(new InvokeModelWithResponseStreamCommand(invocation))
      let events = 0
      for await (const { chunk } of streamed.body ?? []) events += chunk === undefined ? 0 : 1
      expect(events).toBeGreaterThan(3)
      const input = { converse: { messages: conversation.messages } }
      const counted = await client().send(new CountTokensCommand({ modelId: MODEL, input }))
      expect(counted.inputTokens).toBe(usageOf(HEARD, '').input)
    })

    test("gets Bedrock's own error", async () => {
      keyway.standIns.misbehave('bedrock', { kind: 'bad-request' }, { times: 1 })
      const call = client().send(new ConverseCommand(conversation))
      await expect(call).rejects.toMatchObject({ name: 'ValidationException' })
    })
  })
})

test.each([0, 1, 7, 40])(
  'a stream that is cut off %i bytes into a frame fails in the AWS SDK',
  async (extraBytes) => {
    const organization = await keyway.organization({ providers: ['bedrock'] })
    const fault = { kind: 'die-midway', afterEvents: 3, extraBytes } as const
    keyway.standIns.misbehave('bedrock', fault, { times: 1 })
    const client = awsBedrock(`${keyway.url}/native/bedrock`, organization.apiKey)
    const { stream } = await client.send(new ConverseStreamCommand(conversation))
    const read = async (): Promise<number> => {
      let events = 0
      for await (const event of stream ?? []) events += event === undefined ? 0 : 1
      return events
    }
    await expect(read()).rejects.toThrow()
  },
)

test('the region in x-keyway-region decides which credential is used and where it goes', async () => {
  const organization = await keyway.organization({ providers: [] })
  await organization.addProviderKey('bedrock', { issue: { regions: ['eu-west-1', 'us-west-2'] } })
  const call = (region?: string) =>
    fetch(`${keyway.url}/native/bedrock/model/${encodeURIComponent(MODEL)}/converse`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${organization.apiKey}`,
        'content-type': 'application/json',
        ...(region === undefined ? {} : { 'x-keyway-region': region }),
      },
      body: JSON.stringify({ messages: conversation.messages }),
    })
  for (const region of ['eu-west-1', 'us-west-2']) {
    expect((await call(region)).status).toBe(200)
    expect(lastRequest(keyway.standIns, 'bedrock').proof).toContain(region)
  }
  const refused = await call()
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({
    error: { code: 'no_provider_key', message: expect.stringContaining('us-east-1') },
  })
  expect((await call('us-east-1.evil.example/')).status).toBe(400)
})

test('a route’s target names its region, which goes before the key’s and behind the caller’s', async () => {
  const organization = await keyway.organization({ providers: [] })
  await organization.addProviderKey('bedrock', {
    issue: { regions: ['eu-west-1', 'us-west-2', 'ap-south-1'] },
    body: { settings: { default_region: 'us-west-2' } },
  })
  const model = `bedrock/${MODEL}`
  for (const [name, target] of [
    ['near', { model, region: 'eu-west-1' }],
    ['usual', { model }],
  ] as const) {
    await keyway.management.post(`/${organization.id}/routes`, { name, targets: [target] })
  }
  const regionOf = async (name: string, headers: Record<string, string> = {}) => {
    const { status } = await fetch(`${keyway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${organization.apiKey}`, ...headers },
      body: JSON.stringify({ model: name, messages: [{ role: 'user', content: HEARD }] }),
    })
    expect(status).toBe(200)
    return lastRequest(keyway.standIns, 'bedrock').proof
  }
  expect(await regionOf('near')).toContain('eu-west-1')
  expect(await regionOf('usual')).toContain('us-west-2')
  const headers = { 'x-keyway-region': 'ap-south-1' }
  expect(await regionOf('near', headers)).toContain('ap-south-1')
})

test('the message of a declined request is the one that Bedrock gave', async () => {
  const organization = await keyway.organization({ providers: ['bedrock'] })
  keyway.standIns.misbehave('bedrock', { kind: 'bad-request' }, { times: 1 })
  const client = awsBedrock(`${keyway.url}/native/bedrock`, organization.apiKey)
  await expect(client.send(new ConverseCommand(conversation))).rejects.toThrow(BAD_REQUEST_MESSAGE)
})
