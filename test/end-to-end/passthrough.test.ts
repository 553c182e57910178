import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Answer,
  type Call,
  call,
  chatCall,
  messagesCall,
  nativeCall,
} from '../support/call.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { providerNames, type ProviderName } from '../upstreams/stand-ins.ts'

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
beforeEach(() => keyway.standIns.reset({ requests: true }))
afterAll(() => keyway[Symbol.asyncDispose]())

/** Every answer that came out, and every credential that callers brought. */
const seen: string[] = []
const brought: string[] = []

let callers = 0

/** A credential of a caller's own, which the stand-in knows by a label of its own. */
async function callersKey(provider: ProviderName, kind?: 'oauth' | 'api_key') {
  callers += 1
  const label = `caller ${callers}`
  const issue = { regions: ['us-east-1'], ...(kind === undefined ? {} : { kind }) }
  const secret: unknown = await keyway.standIns.issueCredential(provider, label, issue)
  const regional = Object(secret)['us-east-1']?.api_key
  const key = String(regional ?? secret)
  brought.push(key)
  return { label, key }
}

const SOURCE = { source: 'passthrough' }

/** Stores a key of which only the place of the secret is known. */
async function addPassthrough(own: Organization, provider: ProviderName, more: object = {}) {
  const body = {
    provider,
    provider_key: SOURCE,
    name: 'callers bring it',
    api_key_ids: [],
    ...more,
  }
  return String((await keyway.management.post(`/${own.id}/provider-keys`, body))['id'])
}

async function callAs(own: Organization, request: Call, headers: Record<string, string>) {
  const { authorization = 'Bearer ', ...others } = headers
  const all = { ...others, authorization, 'x-keyway-api-key': own.apiKey }
  const answer: Answer = await call(keyway, undefined, { ...request, headers: all })
  seen.push(JSON.stringify([...answer.headers]), answer.text)
  return answer
}

const chat = (model: string): Call => ({
  ...chatCall,
  body: { ...(chatCall.body as object), model },
})

/** One call for each provider whose key goes in a header, and the header in which it is to arrive. */
const WAYS: readonly (readonly [ProviderName, Call, string])[] = [
  ['anthropic', messagesCall, 'x-api-key'],
  ['openai', chatCall, 'authorization'],
  ['mistral', chat('mistral/mistral-large-4-0'), 'authorization'],
  ['deepseek', chat('deepseek/deepseek-flash'), 'authorization'],
  ['xai', chat('xai/grok-4.7'), 'authorization'],
  ['zai', chat('zai/glm-5.3'), 'authorization'],
  [
    'bedrock',
    {
      ...messagesCall,
      body: {
        ...(messagesCall.body as object),
        model: 'bedrock/us.anthropic.claude-sonnet-4-6',
      },
    },
    'authorization',
  ],
]

describe.each(WAYS)('at %s', (provider, request, header) => {
  const kind = provider === 'bedrock' ? 'api_key' : undefined

  test.each(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'])(
    "the caller's own key in %s goes where the provider wants it",
    async (place) => {
      const own = await keyway.organization({ providers: [] })
      const id = await addPassthrough(own, provider)
      const { key, label } = await callersKey(provider, kind)
      const value = place === 'authorization' ? `Bearer ${key}` : key
      const answer = await callAs(own, request, { [place]: value })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('x-keyway-provider-key')).toBe(id)
      const received = lastRequest(keyway.standIns, provider)
      expect(received.credential).toBe(label)
      expect(received.headers[header]).toBe(header === 'authorization' ? `Bearer ${key}` : key)
    },
  )

  test('none brought: the next key serves, and without one the error says what to send', async () => {
    const own = await keyway.organization({ providers: [] })
    const id = await addPassthrough(own, provider, { priority: 1 })
    const refused = await call(keyway, own, request)
    expect([refused.status, refused.headers.get('x-keyway-error-code')]).toEqual([
      400,
      'no_provider_key',
    ])
    expect(refused.text).toContain(id)
    expect(refused.text).toMatch(/x-keyway-api-key/)
    const stored = await own.addProviderKey(provider)
    const answer = await call(keyway, own, request)
    expect(answer.headers.get('x-keyway-attempts')).toBe(`${stored.id}:200`)
    expect(lastRequest(keyway.standIns, provider).credential).toBe(stored.label)
  })

  test('without a passthrough key nothing that callers bring goes anywhere', async () => {
    const own = await keyway.organization({ providers: [] })
    const { key } = await callersKey(provider, kind)
    const headers = { authorization: `Bearer ${key}`, 'x-api-key': key, 'api-key': key }
    expect((await callAs(own, request, headers)).status).toBe(400)
    expect(keyway.standIns.requests).toEqual([])
    const stored = await own.addProviderKey(provider)
    expect((await callAs(own, request, headers)).status).toBe(200)
    expect(lastRequest(keyway.standIns, provider).credential).toBe(stored.label)
    expect(JSON.stringify(keyway.standIns.requests)).not.toContain(key)
  })
})

describe("the caller's own key", () => {
  test('serves the native surface, refused keys give way, and both are told as ever', async () => {
    const own = await keyway.organization({ providers: [] })
    const id = await addPassthrough(own, 'openai', { priority: 1 })
    const { key, label } = await callersKey('openai')
    const answer = await callAs(own, nativeCall, { authorization: `Bearer ${key}` })
    expect(answer.headers.get('x-keyway-attempts')).toBe(`${id}:200`)
    const stored = await own.addProviderKey('openai')
    keyway.standIns.revokeCredential(label)
    const next = await callAs(own, nativeCall, { authorization: `Bearer ${key}` })
    expect(next.headers.get('x-keyway-attempts')).toBe(`${id}:401, ${stored.id}:200`)
  })

  test('stays a bearer token where it is a login, as of Claude Code', async () => {
    const own = await keyway.organization({ providers: [] })
    await addPassthrough(own, 'anthropic')
    for (const path of ['/v1/messages', '/native/anthropic/v1/messages']) {
      const { key, label } = await callersKey('anthropic', 'oauth')
      const body = { ...(messagesCall.body as object), model: 'claude-sonnet-5-5' }
      const headers = {
        authorization: `Bearer ${key}`,
        'anthropic-version': '2023-06-01',
        'anthropic-beta': 'oauth-2025-04-20',
      }
      expect((await callAs(own, { path, body }, headers)).status).toBe(200)
      const received = lastRequest(keyway.standIns, 'anthropic')
      expect(received).toMatchObject({ credential: label, proof: 'Authorization: Bearer' })
      expect(received.headers['x-api-key']).toBeUndefined()
      expect(received.headers['anthropic-beta']).toBe('oauth-2025-04-20')
    }
  })

  test('of two, is the one in the place of the provider; the other is dropped', async () => {
    const own = await keyway.organization({ providers: [] })
    await addPassthrough(own, 'anthropic')
    await addPassthrough(own, 'mistral')
    const [anthropic, mistral] = [await callersKey('anthropic'), await callersKey('mistral')]
    const headers = { authorization: `Bearer ${mistral.key}`, 'x-api-key': anthropic.key }
    expect((await callAs(own, messagesCall, headers)).status).toBe(200)
    expect((await callAs(own, chat('mistral/mistral-large-4-0'), headers)).status).toBe(200)
    expect(keyway.standIns.requests.map(({ credential }) => credential)).toEqual([
      anthropic.label,
      mistral.label,
    ])
  })

  test('is never sent to another provider when its look tells whose it is', async () => {
    const own = await keyway.organization({ providers: [] })
    await addPassthrough(own, 'openai')
    for (const provider of ['anthropic', 'xai'] as const) {
      const { key } = await callersKey(provider)
      const answer = await callAs(own, chatCall, { authorization: `Bearer ${key}` })
      expect([answer.status, answer.headers.get('x-keyway-error-code')]).toEqual([
        400,
        'no_provider_key',
      ])
    }
    expect(keyway.standIns.requests).toEqual([])
  })

  test.each([
    [
      'a signature',
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261120/us-east-1/bedrock/aws4_request',
    ],
    ['a password', 'Basic dXNlcjpwYXNzd29yZA=='],
    ['a management token', 'Bearer kwm_0123456789abcdef0123456789abcdef'],
    ['two words', 'Bearer one two'],
    ['nothing', 'Bearer '],
  ])('is not %s', async (_, authorization) => {
    const own = await keyway.organization({ providers: [] })
    await addPassthrough(own, 'openai')
    const answer = await callAs(own, chatCall, { authorization })
    expect(answer.headers.get('x-keyway-error-code')).toBe('no_provider_key')
    expect(keyway.standIns.requests).toEqual([])
  })

  test('is not looked for where Keyway keys have not their own header', async () => {
    const own = await keyway.organization({ providers: [] })
    await addPassthrough(own, 'anthropic')
    const { key } = await callersKey('anthropic')
    const headers = { 'x-api-key': key }
    const answer = await call(keyway, own, { ...messagesCall, headers })
    expect(answer.headers.get('x-keyway-error-code')).toBe('no_provider_key')
    expect(keyway.standIns.requests).toEqual([])
  })
})

describe('a passthrough key', () => {
  test('is shown as one, and has nothing to be tried out', async () => {
    const own = await keyway.organization({ providers: [] })
    const id = await addPassthrough(own, 'openai')
    const shown = await keyway.management.get(`/${own.id}/provider-keys/${id}`)
    expect(shown).toMatchObject({ hint: null, source: SOURCE })
    expect(await keyway.management.post(`/${own.id}/provider-keys/${id}/test`, {})).toEqual({
      ok: false,
      status: null,
      latency_ms: 0,
      message: expect.stringContaining('nothing to test'),
    })
    expect(keyway.standIns.requests).toEqual([])
  })

  test.each(providerNames)('of %s is stored only where a header is all there is', async (name) => {
    const own = await keyway.organization({ providers: [] })
    const answer = await call(keyway, undefined, {
      path: `/v1/organizations/${own.id}/provider-keys`,
      apiKey: keyway.adminToken,
      body: { provider: name, provider_key: SOURCE, name: 'own', api_key_ids: [] },
    })
    if (WAYS.some(([provider]) => provider === name)) return expect(answer.status).toBe(201)
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ error: { param: 'provider_key.source' } })
  })
})

test('what callers brought is in no answer, no line of the log, and nothing that is stored', async () => {
  const kv = await keyway.worker.kv()
  const { keys } = await kv.list()
  for (const { name } of keys) seen.push(name, String(await kv.get(name)))
  seen.push(keyway.worker.output())
  const { data } = await keyway.management.get('')
  for (const { id } of data as { id: string }[]) {
    seen.push(JSON.stringify(await keyway.management.get(`/${id}/provider-keys`)))
  }
  expect(brought.length).toBeGreaterThan(30)
  const everything = seen.join('\n')
  for (const key of brought) expect(everything.includes(key)).toBe(false)
  expect(everything).toContain('passthrough')
})
