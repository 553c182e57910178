import { EventStreamCodec } from '@smithy/eventstream-codec'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  BAD_REQUEST_MESSAGE,
  type Fault,
  FAULT_MESSAGE,
  startStandIns,
  type StandIns,
} from './stand-ins.ts'
import { exchange, signJwt } from './test-clients.ts'

let standIns: StandIns
let keys: Record<'openai' | 'anthropic' | 'bedrock', string>
beforeEach(async () => {
  standIns = await startStandIns()
  const bedrock = await standIns.issueCredential('bedrock', 'bedrock', { kind: 'api_key' })
  const { 'us-east-1': credential } = bedrock
  keys = {
    openai: await standIns.issueCredential('openai', 'openai'),
    anthropic: await standIns.issueCredential('anthropic', 'anthropic'),
    bedrock: credential && 'api_key' in credential ? credential.api_key : '',
  }
})
afterEach(() => standIns.close())

const messages = [{ role: 'user', content: 'hi' }]
const last = () => standIns.requests.at(-1)

function send(stream = true, signal?: AbortSignal, key = keys.openai): Promise<Response> {
  return fetch(`${standIns.baseUrls['openai']}/chat/completions`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'gpt-4.1', messages, stream }),
    ...(signal && { signal }),
  })
}

function sendAnthropic(stream = true): Promise<Response> {
  return fetch(`${standIns.baseUrls['anthropic']}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': keys.anthropic,
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 9, messages, stream }),
  })
}

const eventsIn = (text: string) => text.split('\n\n').filter((event) => event.includes('data:'))

/** What of a body arrives before it breaks or falls silent. */
async function readUntilBroken(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
  } catch {
    return `${text}<broken>`
  }
  return text
}

describe('before the answer begins', () => {
  test.each<[Fault, number, object]>([
    [{ kind: 'refuse' }, 401, { error: { code: 'invalid_api_key' } }],
    [{ kind: 'refuse', status: 403 }, 403, {}],
    [{ kind: 'rate-limit', retryAfterSeconds: 7 }, 429, { error: { code: 'rate_limit_exceeded' } }],
    [{ kind: 'server-error' }, 500, { error: { type: 'server_error' } }],
    [{ kind: 'server-error', status: 502 }, 502, {}],
    [{ kind: 'overloaded' }, 503, {}],
    [{ kind: 'bad-request' }, 400, { error: { message: BAD_REQUEST_MESSAGE } }],
    [{ kind: 'decline', as: 'not-found' }, 404, { error: { message: FAULT_MESSAGE } }],
    [{ kind: 'decline', as: 'bad-request', status: 402 }, 402, {}],
  ])('%o answers in the shape of the provider', async (fault, status, shape) => {
    standIns.misbehave('openai', fault, { times: 2 })
    for (const stream of [true, false]) {
      const response = await send(stream)
      expect(response.status).toBe(status)
      expect(await response.json()).toMatchObject(shape)
      const seconds = 'retryAfterSeconds' in fault ? String(fault.retryAfterSeconds) : null
      expect(response.headers.get('retry-after')).toBe(seconds)
    }
    expect((await send(false)).status).toBe(200)
  })

  test('anthropic is overloaded with 529', async () => {
    standIns.misbehave('anthropic', { kind: 'overloaded' })
    const response = await sendAnthropic()
    expect(response.status).toBe(529)
    expect(await response.json()).toMatchObject({ error: { type: 'overloaded_error' } })
  })

  test('a redirect and a page of HTML', async () => {
    standIns.misbehave('openai', { kind: 'redirect', to: 'http://192.0.2.1/' }, { times: 1 })
    standIns.misbehave('openai', { kind: 'html', status: 405 }, { times: 1 })
    const redirect = await send()
    expect([redirect.status, redirect.headers.get('location')]).toEqual([307, 'http://192.0.2.1/'])
    const page = await send()
    expect([page.status, (await page.text()).slice(0, 15)]).toEqual([405, '<!DOCTYPE html>'])
  })

  test('a connection that dies, and one that falls silent until the client leaves', async () => {
    standIns.misbehave('openai', { kind: 'die-before-headers' }, { times: 1 })
    await expect(send()).rejects.toThrow('fetch failed')
    expect(await last()?.finished).toBe('fault')
    standIns.misbehave('openai', { kind: 'stall-before-headers' }, { times: 1 })
    const client = new AbortController()
    const silent = send(true, client.signal)
    await untilReceived(2)
    client.abort()
    await expect(silent).rejects.toThrow('aborted')
    expect(await last()?.finished).toBe('client-left')
  })

  test.each([{ kind: 'reset-before-headers' }, { kind: 'garbage' }] as const)(
    '$kind is no answer',
    async (fault) => {
      standIns.misbehave('openai', fault, { times: 1 })
      await expect(send()).rejects.toThrow('fetch failed')
      expect(await last()?.finished).toBe('fault')
    },
  )

  test('something other than an answer, whose end is told in any way, or never', async () => {
    const headers = { 'content-type': 'text/plain', 'x-more': 'words' }
    for (const [ends, length] of [
      ['by-length', '4'],
      ['by-chunks', null],
    ] as const) {
      const fault = { kind: 'other-answer', status: 203, headers, body: 'Ahem', ends } as const
      standIns.misbehave('openai', fault, { times: 1 })
      const response = await send()
      expect([response.status, await response.text()]).toEqual([203, 'Ahem'])
      expect(Object.fromEntries(response.headers)).toMatchObject(headers)
      expect(response.headers.get('content-length')).toBe(length)
    }
    standIns.misbehave('openai', { kind: 'other-answer', body: 'Ahem', ends: 'never' })
    const client = new AbortController()
    const response = await send(true, client.signal)
    await response.body?.getReader().read()
    client.abort()
    expect(await last()?.finished).toBe('client-left')
  })

  test('only for one credential', async () => {
    const other = await standIns.issueCredential('openai', 'other')
    standIns.misbehave('openai', { kind: 'server-error' }, { credential: 'other' })
    expect((await send(false)).status).toBe(200)
    expect((await send(false, undefined, other)).status).toBe(500)
    standIns.reset()
    expect((await send(false, undefined, other)).status).toBe(200)
  })

  test('the token endpoint', async () => {
    const file = await standIns.issueCredential('google_vertex_ai', 'google')
    standIns.misbehave('google_token', { kind: 'refuse' }, { times: 1 })
    standIns.misbehave('google_token', { kind: 'overloaded' }, { times: 1 })
    expect(await exchange(standIns, signJwt(file))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect((await exchange(standIns, signJwt(file))).status).toBe(503)
    standIns.setTokenLifetime(5)
    expect((await exchange(standIns, signJwt(file))).body['expires_in']).toBe(5)
  })
})

/** Polls, since a request is received by another part of the same process. */
async function untilReceived(count: number): Promise<void> {
  await expect.poll(() => standIns.requests.length, { interval: 5 }).toBe(count)
}

describe('in the middle of a stream', () => {
  test('it dies after exactly so many events, and in the middle of one more', async () => {
    standIns.misbehave('openai', { kind: 'die-midway', afterEvents: 3, extraBytes: 20 })
    const text = await readUntilBroken(await send())
    expect(text.endsWith('<broken>')).toBe(true)
    expect(text.match(/\n\n/g)).toHaveLength(3)
    expect(text.replace(/^[\s\S]*\n\n/, '')).toHaveLength('<broken>'.length + 20)
    expect(await last()?.finished).toBe('fault')
  })

  test('it ends as if it were whole', async () => {
    standIns.misbehave('openai', { kind: 'end-midway', afterEvents: 2 })
    const events = eventsIn(await (await send()).text())
    expect(events).toHaveLength(2)
    expect(events.join('')).not.toContain('[DONE]')
  })

  test('it falls silent until the client leaves', async () => {
    standIns.misbehave('openai', { kind: 'stall-midway', afterEvents: 2 })
    const client = new AbortController()
    const response = await send(true, client.signal)
    const reader = response.body?.getReader()
    await reader?.read()
    client.abort()
    expect(await last()?.finished).toBe('client-left')
  })

  test('openai and anthropic report an error in their own way', async () => {
    const fault = { kind: 'error-event', afterEvents: 2 } as const
    standIns.misbehave('openai', fault)
    standIns.misbehave('anthropic', fault)
    const openai = eventsIn(await (await send()).text())
    expect(openai).toHaveLength(3)
    expect(openai.at(-1)).toContain('{"error":{"message":"The server had an error')
    const anthropic = eventsIn(await (await sendAnthropic()).text())
    expect(anthropic.at(-1)).toMatch(/^event: error\ndata: \{"type":"error"/)
  })

  test('bedrock sends an exception frame', async () => {
    standIns.misbehave('bedrock', { kind: 'error-event', afterEvents: 1 })
    const path = '/us-east-1/model/amazon.nova-lite-v1%3A0/converse-stream'
    const response = await fetch(`${standIns.origins.bedrock}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.bedrock}` },
      body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'hi' }] }] }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const second = bytes.subarray(bytes.readUInt32BE(0))
    const { headers } = codec.decode(second)
    expect(headers[':message-type']?.value).toBe('exception')
    expect(headers[':exception-type']?.value).toBe('modelStreamErrorException')
  })

  test('a whole answer is cut in half, or is an error under 200', async () => {
    for (const kind of ['die-midway', 'end-midway'] as const) {
      standIns.misbehave('openai', { kind, afterEvents: 1 }, { times: 1 })
      const text = await readUntilBroken(await send(false))
      expect(text.endsWith('<broken>')).toBe(kind === 'die-midway')
      expect(() => void JSON.parse(text)).toThrow(SyntaxError)
    }
    standIns.misbehave('openai', { kind: 'error-event', afterEvents: 1 }, { times: 1 })
    const response = await send(false)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ error: { type: 'server_error' } })
  })
})

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
)

describe('a stream', () => {
  test('stops within a moment of the client leaving', async () => {
    standIns.script({ deltas: 100_000, gapMs: 1 })
    const client = new AbortController()
    const response = await send(true, client.signal)
    await response.body?.getReader().read()
    client.abort()
    await expect(
      Promise.race([last()?.finished, sleep(1000, 'too late', { ref: false })]),
    ).resolves.toBe('client-left')
  })

  test('has as many deltas as the script says', async () => {
    standIns.script({ deltas: 500, text: 'ü' })
    const events = eventsIn(await (await send()).text())
    expect(events.filter((event) => event.includes('"delta":{"content":"'))).toHaveLength(500)
  })
})

test('a provider that is down is not there, until it comes back', async () => {
  standIns.script({ deltas: 40, gapMs: 5 })
  const begun = await send()
  standIns.goDown('openai')
  await expect(send(false)).rejects.toThrow('fetch failed')
  expect(await begun.text()).toContain('[DONE]')
  await expect(send(false)).rejects.toThrow('fetch failed')
  expect((await sendAnthropic(false)).status).toBe(200)
  await standIns.comeBack('openai')
  expect((await send(false)).status).toBe(200)
})

test('closing leaves no socket and no timer', async () => {
  standIns.script({ deltas: 100, gapMs: 60_000 })
  const response = await send()
  await standIns.close()
  await expect(response.text()).rejects.toThrow('terminated')
  expect(await last()?.finished).toBe('client-left')
})
