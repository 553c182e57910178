import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Call, call, chatCall, messagesCall, nativeCall } from '../support/call.ts'
import { anthropic, openAi } from '../support/clients.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { type RawStream, rawRequest } from '../support/raw-client.ts'
import { STREAMING_PATHS } from '../support/streaming-paths.ts'

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

const limitedTo = (limits: object): Promise<Organization> =>
  keyway.organization({ providers: ['openai', 'anthropic'], apiKey: { limits } })

const MODEL = 'openai/gpt-4.1'
const messages = [{ role: 'user' as const, content: 'Hello' }]

const SURFACES: readonly (readonly [name: string, call: Call, shape: object])[] = [
  ['chat', chatCall, { error: { type: 'rate_limit_error', code: 'rate_limited' } }],
  [
    'Responses',
    { path: '/v1/responses', body: { model: MODEL, input: 'Hello' } },
    { error: { type: 'rate_limit_error', code: 'rate_limited' } },
  ],
  [
    'embeddings',
    { path: '/v1/embeddings', body: { model: 'openai/text-embedding-3-small', input: 'Hello' } },
    { error: { type: 'rate_limit_error', code: 'rate_limited' } },
  ],
  [
    'Azure',
    {
      path: `/openai/deployments/${MODEL}/chat/completions?api-version=2025-04-01-preview`,
      body: { messages },
    },
    { error: { type: 'rate_limit_error', code: 'rate_limited' } },
  ],
  ['messages', messagesCall, { type: 'error', error: { type: 'rate_limit_error' } }],
  [
    'counting tokens',
    { path: '/v1/messages/count_tokens', body: { model: MODEL, messages } },
    { type: 'error', error: { type: 'rate_limit_error' } },
  ],
  ['native', nativeCall, { error: { type: 'rate_limit_error', code: 'rate_limited' } }],
]

describe('requests per minute', () => {
  test.each(SURFACES)(
    '%s: after five, the sixth is told when to come again',
    async (_, one, shape) => {
      const organization = await limitedTo({ requests_per_minute: 5 })
      for (const left of [4, 3, 2, 1, 0]) {
        const answer = await call(keyway, organization, one)
        expect(answer.status, answer.text).toBe(200)
        expect(answer.headers.get('ratelimit')).toBe(`"keyway-requests";r=${left}`)
        expect(answer.headers.get('ratelimit-policy')).toBe('"keyway-requests";q=5;w=60')
      }
      const received = keyway.standIns.requests.length
      const { status, headers, json } = await call(keyway, organization, one)
      expect(status).toBe(429)
      expect(json).toMatchObject(shape)
      expect(JSON.stringify(json)).toContain(
        `The API key ${organization.apiKeyId} has used up its limit of 5 requests per minute (limits.requests_per_minute). Try again in`,
      )
      const seconds = Number(headers.get('retry-after'))
      expect(seconds).toBeGreaterThan(0)
      expect(seconds).toBeLessThanOrEqual(60)
      expect(headers.get('x-should-retry')).toBeNull()
      expect(headers.get('x-keyway-error-code')).toBe('rate_limited')
      expect(headers.get('ratelimit')).toBe(`"keyway-requests";r=0;t=${seconds}`)
      expect(headers.get('x-ratelimit-limit-requests')).toBe('5')
      expect(headers.get('x-ratelimit-remaining-requests')).toBe('0')
      expect(headers.get('x-ratelimit-reset-requests')).toBe(`${seconds}s`)
      expect(keyway.standIns.requests.length).toBe(received)
    },
  )

  test('the official SDKs know it for what it is', async () => {
    const { apiKey } = await limitedTo({ requests_per_minute: 2 })
    const chat = openAi(`${keyway.url}/v1`, apiKey)
    const claude = anthropic(keyway.url, apiKey)
    await chat.chat.completions.create({ model: MODEL, messages })
    await claude.messages.create({ model: MODEL, messages, max_tokens: 9 })
    const refused = await chat.chat.completions.create({ model: MODEL, messages }).catch(String)
    expect(refused).toContain('429')
    await expect(chat.chat.completions.create({ model: MODEL, messages })).rejects.toThrow(
      OpenAI.RateLimitError,
    )
    await expect(claude.messages.create({ model: MODEL, messages, max_tokens: 9 })).rejects.toThrow(
      Anthropic.RateLimitError,
    )
  })

  test('one key’s limit is nobody else’s, and all surfaces share it', async () => {
    const organization = await limitedTo({ requests_per_minute: 3 })
    for (const one of [chatCall, messagesCall, nativeCall]) {
      expect((await call(keyway, organization, one)).status).toBe(200)
    }
    for (const one of [chatCall, messagesCall, nativeCall]) {
      expect((await call(keyway, organization, one)).status).toBe(429)
    }
    const other = await keyway.management.post(`/${organization.id}/api-keys`, { name: 'other' })
    const answer = await call(keyway, { apiKey: String(other['key']) }, chatCall)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('ratelimit')).toBeNull()
    expect(answer.headers.get('ratelimit-policy')).toBeNull()
  })

  test('listing models, managing and requests that are not understood do not count', async () => {
    const organization = await limitedTo({ requests_per_minute: 1 })
    for (let time = 0; time < 3; time++) {
      const listed = await call(keyway, organization, { path: '/v1/models', method: 'GET' })
      expect(listed.status).toBe(200)
      expect((await call(keyway, organization, { ...chatCall, body: '{' })).status).toBe(400)
    }
    expect((await call(keyway, organization, chatCall)).status).toBe(200)
    expect((await call(keyway, organization, chatCall)).status).toBe(429)
    expect((await call(keyway, organization, { path: '/v1/models', method: 'GET' })).status).toBe(
      200,
    )
  })

  test('of very many at once, as many are admitted as may be', async () => {
    const organization = await limitedTo({ requests_per_minute: 20 })
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => call(keyway, organization, chatCall)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30)
  })

  test.each([
    ['native', nativeCall],
    ['universal', chatCall],
  ])('what the upstream says of its own limits stays as it is: %s', async (_, one) => {
    const organization = await limitedTo({ requests_per_minute: 9 })
    const theirs = {
      ratelimit: '"theirs";r=7;t=3',
      'ratelimit-policy': '"theirs";q=8;w=9',
      'x-ratelimit-limit-requests': '1000',
    }
    keyway.standIns.misbehave(
      'openai',
      {
        kind: 'other-answer',
        headers: { 'content-type': 'application/json', ...theirs },
        body: '{"choices":[]}',
      },
      { times: 1 },
    )
    const { status, headers, text } = await call(keyway, organization, one)
    expect(status, text).toBe(200)
    expect(headers.get('ratelimit')).toBe('"theirs";r=7;t=3, "keyway-requests";r=8')
    expect(headers.get('ratelimit-policy')).toBe('"theirs";q=8;w=9, "keyway-requests";q=9;w=60')
    expect(headers.get('x-ratelimit-limit-requests')).toBe('1000')
  })
})

describe('requests in flight', () => {
  const begin = (
    { path, body }: { readonly path: string; readonly body: object },
    { apiKey }: Organization,
  ): Promise<RawStream> =>
    rawRequest(keyway.url, path, {
      headers: { 'x-keyway-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  const PATHS = STREAMING_PATHS.filter(({ provider }) => ['openai', 'anthropic'].includes(provider))

  describe.each(PATHS)('$name', (way) => {
    const stalled = (times: number): void =>
      keyway.standIns.misbehave(way.provider, { kind: 'stall-midway', afterEvents: 2 }, { times })

    test('the third stream is refused while two are open, until one of them is left', async () => {
      const organization = await limitedTo({ concurrent_requests: 2 })
      stalled(2)
      const open = [await begin(way, organization), await begin(way, organization)]
      for (const stream of open) {
        expect(stream.status).toBe(200)
        await stream.firstBytes
      }
      const third = await begin(way, organization)
      expect(third.status).toBe(429)
      expect(third.headers['retry-after']).toBe('1')
      expect(third.headers.ratelimit).toBe('"keyway-concurrent";r=0;t=1')
      expect(await third.body).toContain('is at its limit of 2 requests in flight')
      open[0]?.leave()
      await vi.waitFor(
        async () => {
          const next = await begin(way, organization)
          const text = await next.body
          expect(next.status).toBe(200)
          expect(way.endsWell(text), text).toBe(true)
        },
        { timeout: 4000, interval: 50 },
      )
      open[1]?.leave()
    })

    test.each([
      ['that ended well', undefined],
      ['whose upstream died', { kind: 'die-midway', afterEvents: 2 } as const],
      ['whose upstream failed', { kind: 'server-error' } as const],
    ])('a stream %s leaves its place', async (_, fault) => {
      const organization = await limitedTo({ concurrent_requests: 1 })
      for (let time = 0; time < 3; time++) {
        if (fault !== undefined) keyway.standIns.misbehave(way.provider, fault, { times: 1 })
        const stream = await begin(way, organization)
        expect(stream.status).not.toBe(429)
        await stream.body
      }
    })
  })

  test('whole answers count until they are there', async () => {
    const organization = await limitedTo({ concurrent_requests: 3 })
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => call(keyway, organization, messagesCall)),
    )
    const statuses = answers.map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
    expect((await call(keyway, organization, messagesCall)).status).toBe(200)
  })
})

describe('tokens per minute', () => {
  const usage = { input: 30, cached: 0, written: 0, output: 70, reasoning: 0 }
  beforeAll(() => keyway.standIns.script({ answer: () => ({ say: [{ text: ['Hi'] }], usage }) }))

  const unmetered = async ({ id }: Organization): Promise<void> => {
    const path = `/v1/organizations/${id}`
    const { adminToken: apiKey } = keyway
    await call(keyway, undefined, { path, method: 'PATCH', apiKey, body: { metering: 'off' } })
  }

  const WAYS: readonly (readonly [string, Call])[] = [
    ['chat', chatCall],
    ['a chat stream', { ...chatCall, body: { model: MODEL, messages, stream: true } }],
    ['messages', messagesCall],
    [
      'a translated stream',
      { path: '/v1/messages', body: { model: MODEL, messages, max_tokens: 9, stream: true } },
    ],
    ['native', nativeCall],
  ]

  test.each(WAYS)('%s: what an answer cost counts when it has ended', async (_, one) => {
    const organization = await limitedTo({ tokens_per_minute: 250 })
    await unmetered(organization)
    const remaining = async (): Promise<number | undefined> => {
      const { status, headers } = await call(keyway, organization, one)
      return status === 200
        ? Number(/r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1])
        : undefined
    }
    const [first = 0, second = 0] = [await remaining(), await remaining()]
    expect(first).toBeGreaterThan(200)
    expect(first - second).toBeGreaterThanOrEqual(95)
    expect(first - second).toBeLessThanOrEqual(105)
    await remaining()
    const { status, headers, text } = await call(keyway, organization, one)
    expect(status).toBe(429)
    expect(text).toContain('tokens per minute (limits.tokens_per_minute)')
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(headers.get('x-ratelimit-limit-tokens')).toBe('250')
  })

  test('a request that is larger than the limit goes when nothing else does', async () => {
    const organization = await limitedTo({ tokens_per_minute: 10 })
    const large = {
      ...chatCall,
      body: { model: MODEL, messages: [{ role: 'user', content: 'word '.repeat(500) }] },
    }
    expect((await call(keyway, organization, large)).status).toBe(200)
    expect((await call(keyway, organization, chatCall)).status).toBe(429)
  })

  test('counting tokens costs none', async () => {
    const organization = await limitedTo({ tokens_per_minute: 10 })
    const count = { path: '/v1/messages/count_tokens', body: { model: MODEL, messages } }
    for (const one of [count, chatCall, count]) {
      expect((await call(keyway, organization, one)).status).toBe(200)
    }
    expect((await call(keyway, organization, chatCall)).status).toBe(429)
    expect((await call(keyway, organization, count)).status).toBe(200)
  })
})
