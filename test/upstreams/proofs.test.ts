import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startStandIns, type StandIns } from './stand-ins.ts'
import { awsClient, baseUrl } from './test-clients.ts'

let standIns: StandIns
let now = Date.now()
beforeAll(async () => {
  standIns = await startStandIns({ now: () => now })
})
beforeEach(() => {
  now = Date.now()
})
afterAll(() => standIns.close())

let labels = 0
const label = () => `credential-${(labels += 1)}`
const messages = [{ role: 'user', content: 'hi' }]
const refusal = () => standIns.requests.at(-1)?.refusal

async function post(url: string, headers: Record<string, string>, body: unknown) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const json: unknown = await response.json()
  return { status: response.status, headers: response.headers, json }
}

const chat = (headers: Record<string, string>, query = '', model = 'gpt-4.1') =>
  post(`${standIns.baseUrls['openai']}/chat/completions${query}`, headers, { model, messages })

describe('besides its one credential, a request must not carry', () => {
  const gatewayKey = `kw_${'a1B2'.repeat(8)}`
  test.each<[string, Record<string, string>, string?, string?]>([
    ['another credential header', { 'x-api-key': 'x' }],
    ['the Azure header', { 'api-key': 'x' }],
    ['the Google header', { 'x-goog-api-key': 'x' }],
    ['a cookie', { cookie: 'a=b' }],
    ["the gateway's own headers", { 'x-keyway-region': 'eu' }],
    ["a tunnel's headers", { 'cf-access-client-id': 'x' }],
    ["the caller's address", { 'x-forwarded-for': '192.0.2.1' }],
    ["the caller's address at the edge", { 'cf-connecting-ip': '192.0.2.1' }],
    ['a gateway key in some header', { 'user-agent': gatewayKey }],
    ['a gateway key in the query', {}, `?x=${gatewayKey}`],
    ['a credential in the query', {}, '?key=abc'],
    ['a gateway key in the body', {}, '', gatewayKey],
  ])('%s', async (_, headers, query, model) => {
    const key = await standIns.issueCredential('openai', label())
    const { status } = await chat({ authorization: `Bearer ${key}`, ...headers }, query, model)
    expect([status, typeof refusal()]).toEqual([400, 'string'])
    expect(standIns.requests.at(-1)?.credential).toBeUndefined()
  })

  test('the same credential header twice, or the name of another host', async () => {
    const key = await standIns.issueCredential('openai', label())
    const { hostname, port } = new URL(standIns.origins.openai)
    const send = (headers: string[]) =>
      new Promise<number | undefined>((resolve, reject) => {
        httpRequest({ hostname, port, path: '/v1/models', headers }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode))
        })
          .on('error', reject)
          .end()
      })
    const authorization = ['authorization', `Bearer ${key}`]
    const host = ['host', `${hostname}:${port}`]
    expect(await send([...host, ...authorization])).toBe(200)
    expect(await send([...host, ...authorization, ...authorization])).toBe(400)
    expect(await send(['host', 'api.openai.com', ...authorization])).toBe(400)
  })
})

describe('a key is refused', () => {
  const paths = {
    anthropic: '/v1/messages',
    openai: '/chat/completions',
    mistral: '/chat/completions',
    deepseek: '/chat/completions',
    xai: '/chat/completions',
    zai: '/chat/completions',
  } as const

  test.each([
    ['anthropic', 401, { type: 'error', error: { type: 'authentication_error' } }],
    ['openai', 401, { error: { code: 'invalid_api_key' } }],
    ['mistral', 401, { detail: 'Unauthorized' }],
    ['deepseek', 401, { error: { type: 'authentication_error' } }],
    ['xai', 400, { error: expect.stringContaining('Incorrect API key') }],
    ['zai', 401, { error: { code: '1000' } }],
  ] as const)('by %s, once revoked', async (provider, status, shape) => {
    const name = label()
    const key = await standIns.issueCredential(provider, name)
    standIns.revokeCredential(name)
    const headers = { authorization: `Bearer ${key}`, 'anthropic-version': '2023-06-01' }
    const answer = await post(baseUrl(standIns, provider) + paths[provider], headers, {})
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject(shape)
  })

  test('that belongs to another provider, or stands in the wrong header', async () => {
    const key = await standIns.issueCredential('mistral', label())
    expect((await chat({ authorization: `Bearer ${key}` })).status).toBe(401)
    expect((await chat({})).status).toBe(401)
    const own = await standIns.issueCredential('openai', label())
    expect((await chat({ authorization: own })).status).toBe(401)
    expect((await chat({ 'x-api-key': own })).status).toBe(400)
  })

  test('by anthropic in two places, and without a version', async () => {
    const key = await standIns.issueCredential('anthropic', label())
    const url = `${standIns.baseUrls['anthropic']}/v1/messages`
    const version = { 'anthropic-version': '2023-06-01' }
    const twice = { 'x-api-key': key, authorization: `Bearer ${key}` }
    expect((await post(url, { ...version, ...twice }, {})).json).toMatchObject({
      error: { message: 'both x-api-key and authorization were sent' },
    })
    expect((await post(url, { 'x-api-key': key }, {})).json).toMatchObject({
      error: { message: 'anthropic-version: header is required' },
    })
  })

  test('by azure as a bearer', async () => {
    const { endpoint, api_key: key } = await standIns.issueCredential('azure', label())
    const url = `${endpoint}/openai/v1/chat/completions`
    const body = { model: 'dep', messages }
    expect((await post(url, { 'api-key': key }, body)).status).toBe(200)
    expect((await post(url, { authorization: `Bearer ${key}` }, body)).status).toBe(400)
    const other = await post(url, { 'api-key': 'wrong' }, body)
    expect(other).toMatchObject({ status: 401, json: { error: { code: '401' } } })
  })
})

describe('bedrock refuses', () => {
  const command = new ConverseCommand({
    modelId: 'amazon.nova-lite-v1:0',
    messages: [{ role: 'user', content: [{ text: 'hi' }] }],
  })
  const send = (region: string, signedFor: string, credential: Parameters<typeof awsClient>[2]) =>
    awsClient(baseUrl(standIns, 'bedrock', region), signedFor, credential).send(command)

  test.each(['iam', 'sts', 'api_key'] as const)(
    '%s credentials of another region',
    async (kind) => {
      const keys = await standIns.issueCredential('bedrock', label(), {
        regions: ['us-east-1', 'global'],
        kind,
      })
      await expect(send('us-east-1', 'us-east-1', keys['us-east-1'])).resolves.toBeDefined()
      await expect(send('eu-west-1', 'eu-west-1', keys['us-east-1'])).rejects.toThrow(
        'not valid in eu-west-1',
      )
      await expect(send('eu-west-1', 'eu-west-1', keys['global'])).resolves.toBeDefined()
      expect(standIns.requests.at(-1)?.proof).toMatch(/eu-west-1, global key/)
    },
  )

  test('a signature for another region, a wrong secret, an old date, a revoked key', async () => {
    const name = label()
    const { 'us-east-1': key } = await standIns.issueCredential('bedrock', name)
    await expect(send('us-east-1', 'us-west-2', key)).rejects.toThrow('valid region')
    const wrong = { ...key, access_key_id: '', secret_access_key: 'x'.repeat(40) }
    const id = key && 'access_key_id' in key ? key.access_key_id : ''
    await expect(
      send('us-east-1', 'us-east-1', { ...wrong, access_key_id: id }),
    ).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 403 },
    })
    now += 301_000
    await expect(send('us-east-1', 'us-east-1', key)).rejects.toThrow('Signature expired')
    now -= 301_000
    standIns.revokeCredential(name)
    await expect(send('us-east-1', 'us-east-1', key)).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    })
  })

  test('a session token with a key that has none, and none with one that has', async () => {
    const { 'us-east-1': long } = await standIns.issueCredential('bedrock', label())
    const { 'us-east-1': short } = await standIns.issueCredential('bedrock', label(), {
      kind: 'sts',
    })
    if (!long || !short || 'api_key' in long || 'api_key' in short)
      throw new Error('not access keys')
    await expect(send('us-east-1', 'us-east-1', { ...long, session_token: 'x' })).rejects.toThrow(
      'a session token with a long-term key',
    )
    const { access_key_id, secret_access_key } = short
    await expect(
      send('us-east-1', 'us-east-1', { access_key_id, secret_access_key }),
    ).rejects.toThrow('no session token')
  })
})
