import { request } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Answer, call, chatCall, messagesCall, nativeCall } from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { type RawStream, rawRequest } from '../support/raw-client.ts'
import { type Line, linesOf, requestLines } from '../support/request-lines.ts'
import { STREAMING_PATHS, type StreamingPath } from '../support/streaming-paths.ts'
import { startPrivateModel } from '../upstreams/private-model.ts'

const CANARY = 'CANARY-of-a-prompt'
const SECRET_ANSWER = 'CANARY-of-an-answer'

const SCRIPT = {
  answer: () => ({
    say: [{ text: [SECRET_ANSWER, ' one', ' two', ' three', ' four'] }],
    usage: { input: 100, cached: 30, written: 0, output: 20, reasoning: 7 },
  }),
}

let keyway: Keyway
let organization: Organization
let metered: Organization
let unmetered: Organization
beforeAll(async () => {
  keyway = await startKeyway({ LOG_REQUESTS: 'true' })
  organization = await keyway.organization()
  metered = await keyway.organization()
  unmetered = await keyway.organization()
  await meter(metered, 'all')
  await meter(unmetered, 'off')
  keyway.standIns.script(SCRIPT)
})
afterAll(() => keyway[Symbol.asyncDispose]())

async function meter({ id }: Organization, metering: string): Promise<void> {
  const path = `/v1/organizations/${id}`
  const { adminToken: apiKey } = keyway
  const answer = await call(keyway, undefined, {
    path,
    method: 'PATCH',
    apiKey,
    body: { metering },
  })
  expect(answer.status).toBe(200)
}

const SOON = { timeout: 10_000, interval: 10 }

/** The one record of a request. That there is no second one is looked at when all is over. */
async function recordOf(requestId: unknown): Promise<Line> {
  const [line] = await linesOf(keyway, requestId)
  expect.assert(line !== undefined)
  return line
}

const seenIds: unknown[] = []

const stream = async (
  { path, body }: Pick<StreamingPath, 'path' | 'body'>,
  own = organization,
): Promise<RawStream> => {
  const answer = await rawRequest(keyway.url, path, {
    headers: {
      'x-keyway-api-key': own.apiKey,
      'content-type': 'application/json',
      'x-keyway-metadata': '{"team":"search"}',
    },
    body: JSON.stringify(body),
  })
  seenIds.push(answer.headers['x-keyway-request-id'])
  return answer
}

const idOf = ({ headers }: RawStream | Answer): unknown =>
  headers instanceof Headers ? headers.get('x-keyway-request-id') : headers['x-keyway-request-id']

const TOKENS = {
  'gen_ai.usage.input_tokens': 100,
  'gen_ai.usage.cache_read.input_tokens': 30,
  'gen_ai.usage.output_tokens': 27,
}
const noTokens = (line: Line): void =>
  expect(Object.keys(line).filter((name) => name.startsWith('gen_ai.usage'))).toEqual([])

const UNIVERSAL = STREAMING_PATHS.filter(({ path }) => path.startsWith('/v1/'))
const NATIVE = STREAMING_PATHS.filter(({ path }) => !path.startsWith('/v1/'))

describe.each(UNIVERSAL)('$name', (way) => {
  test('a stream is recorded with its tokens', async () => {
    const answer = await stream(way)
    const text = await answer.body
    expect(way.endsWell(text), text).toBe(true)
    expect(await recordOf(idOf(answer))).toMatchObject({
      ...TOKENS,
      'gen_ai.provider.name': way.provider,
      'http.response.status_code': 200,
      'keyway.stream': true,
      'keyway.organization': organization.id,
      'keyway.api_key': organization.apiKeyId,
      'keyway.provider_key': expect.stringMatching(/^pk_/),
      'keyway.attempts': [expect.stringMatching(/^pk_.*:200$/)],
      'keyway.latency_ms': expect.any(Number),
      'keyway.first_byte_ms': expect.any(Number),
      'keyway.metadata': { team: 'search' },
    })
  })

  test('a whole answer is recorded with its tokens', async () => {
    const answer = await call(keyway, organization, {
      path: way.path,
      body: { ...way.body, stream: false },
    })
    expect(answer.status, answer.text).toBe(200)
    const line = await recordOf(idOf(answer))
    expect(line).toMatchObject({ ...TOKENS, 'keyway.stream': false })
    expect(line['error.type']).toBeUndefined()
  })

  test('a stream that is cut midway is an error, with the tokens told by then', async () => {
    keyway.standIns.misbehave(way.provider, { kind: 'die-midway', afterEvents: 3 }, { times: 1 })
    const answer = await stream(way)
    await answer.body
    expect(await recordOf(idOf(answer))).toMatchObject({ 'error.type': 'upstream_error' })
  })

  test('an error before the first byte is recorded with its status', async () => {
    keyway.standIns.misbehave(way.provider, { kind: 'server-error' }, { times: 1 })
    const answer = await stream(way)
    await answer.body
    const line = await recordOf(idOf(answer))
    expect(line).toMatchObject({
      'error.type': 'upstream_error',
      'http.response.status_code': 502,
      'keyway.attempts': [expect.stringMatching(/^pk_.*:5\d\d$/)],
    })
    expect(line['keyway.first_byte_ms']).toBeUndefined()
    noTokens(line)
  })

  test('an organization that wants nothing metered has no tokens recorded', async () => {
    const answer = await stream(way, unmetered)
    expect(way.endsWell(await answer.body)).toBe(true)
    noTokens(await recordOf(idOf(answer)))
  })
})

describe.each(NATIVE)('$name', (way) => {
  test('is recorded without tokens, which nobody looked for', async () => {
    const answer = await stream(way)
    expect(way.endsWell(await answer.body)).toBe(true)
    const line = await recordOf(idOf(answer))
    expect(line).toMatchObject({ 'keyway.surface': 'native', 'http.response.status_code': 200 })
    expect(line['error.type']).toBeUndefined()
    noTokens(line)
  })

  test('is recorded with its tokens where the organization wants all of them', async () => {
    const body = /chat\/completions/.test(way.path)
      ? { ...way.body, stream_options: { include_usage: true } }
      : way.body
    const takesOptions = !/native\/(?:mistral|zai)/.test(way.path)
    const [plain, counted] = await Promise.all([
      stream({ ...way, body: takesOptions ? body : way.body }, organization),
      stream({ ...way, body: takesOptions ? body : way.body }, metered),
    ])
    const [untouched, heard] = await Promise.all([plain.body, counted.body])
    // Amazon's frames are padded at random.
    if (way.name !== 'native Converse') expect(heard.length).toBe(untouched.length)
    expect(await recordOf(idOf(counted))).toMatchObject(TOKENS)
  })

  test('that is cut midway is an error', async () => {
    for (const own of [organization, metered]) {
      keyway.standIns.misbehave(way.provider, { kind: 'die-midway', afterEvents: 2 }, { times: 1 })
      const answer = await stream(way, own)
      await answer.body
      expect(await recordOf(idOf(answer))).toMatchObject({ 'error.type': 'upstream_error' })
    }
  })
})

describe.each(STREAMING_PATHS)('a caller who leaves: $name', (way) => {
  test('is recorded as one who left', async () => {
    keyway.standIns.misbehave(way.provider, { kind: 'stall-midway', afterEvents: 2 }, { times: 1 })
    const answer = await stream(way)
    await answer.firstBytes
    answer.leave()
    expect(await recordOf(idOf(answer))).toMatchObject({
      'error.type': 'client_left',
      'http.response.status_code': 200,
    })
  })
})

afterEach(() => {
  // Whatever comes later: no request was recorded twice.
  const ids = requestLines(keyway).map((line) => line['keyway.request_id'])
  expect(new Set(ids).size).toBe(ids.length)
})

test('a caller who leaves before the answer is recorded without a status', async () => {
  const before = requestLines(keyway).length
  keyway.standIns.misbehave('openai', { kind: 'stall-before-headers' }, { times: 1 })
  const received = keyway.standIns.requests.length
  const leaving = request(keyway.url + chatCall.path, {
    method: 'POST',
    headers: { authorization: `Bearer ${organization.apiKey}`, 'content-type': 'application/json' },
  })
  leaving.on('error', () => undefined).end(JSON.stringify(chatCall.body))
  await vi.waitFor(() => expect(keyway.standIns.requests.length).toBe(received + 1), SOON)
  leaving.socket?.resetAndDestroy()
  await vi.waitFor(() => expect(requestLines(keyway).length).toBe(before + 1), SOON)
  const line = requestLines(keyway).at(-1) ?? {}
  expect(line['error.type']).toBe('client_left')
  expect(line['http.response.status_code']).toBeUndefined()
})

test('a native answer that is not a stream is counted where all is, byte for byte the same', async () => {
  for (const way of NATIVE.filter(({ path }) => /messages|chat|responses/.test(path))) {
    const body = { ...way.body, stream: false }
    const answer = await call(keyway, metered, { path: way.path, body })
    expect(answer.status, answer.text).toBe(200)
    expect(await recordOf(idOf(answer))).toMatchObject(TOKENS)
  }
})

test('a stream that is cut has the tokens that were told by then, and none where none were', async () => {
  for (const [provider, model, tokens] of [
    ['anthropic', 'claude-sonnet-5-5', 100],
    ['openai', 'gpt-4.1', undefined],
  ] as const) {
    for (const { path, body } of [chatCall, messagesCall]) {
      keyway.standIns.misbehave(provider, { kind: 'die-midway', afterEvents: 4 }, { times: 1 })
      const answer = await stream({
        path,
        body: { ...(body as object), model: `${provider}/${model}`, stream: true },
      })
      await answer.body
      const line = await recordOf(idOf(answer))
      expect(line['error.type']).toBe('upstream_error')
      expect(line['gen_ai.usage.input_tokens']).toBe(tokens)
    }
  }
})

test('a private model is counted by its endpoint, with the tokens that its server tells', async () => {
  await using model = await startPrivateModel({})
  const { id } = await keyway.management.post(`/${organization.id}/endpoints`, {
    name: 'lab',
    reach: 'url',
    base_url: model.baseUrl,
    api_key: model.apiKey,
  })
  const { messages } = chatCall.body as { messages: unknown }
  const body = { model: 'byom/lab/llama-4', messages }
  // Nobody knows whether the server takes the wish for usage, so a stream has it where its caller says so.
  for (const [more, tokens] of [
    [{}, expect.any(Number)],
    [{ stream: true }, undefined],
    [{ stream: true, stream_options: { include_usage: true } }, expect.any(Number)],
  ] as const) {
    const answer = await stream({ path: chatCall.path, body: { ...body, ...more } })
    expect(answer.status, await answer.body).toBe(200)
    const line = await recordOf(idOf(answer))
    expect(line).toMatchObject({
      'gen_ai.provider.name': 'byom',
      'gen_ai.request.model': 'lab/llama-4',
      'keyway.provider_key': id,
    })
    expect(line['gen_ai.usage.input_tokens']).toEqual(tokens)
  }
})

test('embeddings have input tokens only', async () => {
  for (const model of ['openai/text-embedding-3-small', 'google_vertex_ai/gemini-embedding-2']) {
    const answer = await call(keyway, organization, {
      path: '/v1/embeddings',
      body: { model, input: ['a', 'b'] },
    })
    expect(answer.status, answer.text).toBe(200)
    const line = await recordOf(idOf(answer))
    expect(line).toMatchObject({
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.usage.input_tokens': expect.any(Number),
    })
    expect(line['gen_ai.usage.output_tokens']).toBeUndefined()
  }
})

test('what goes wrong before a provider is called is recorded by its code', async () => {
  for (const [body, outcome] of [
    [{ model: 'openai/gpt-4.1', messages: 7, stream: 'canary' }, 'invalid_request'],
    ['{', 'invalid_json'],
    [{ model: 'no-such-model', messages: [] }, 'unknown_model'],
  ] as const) {
    const answer = await call(keyway, organization, { ...chatCall, body })
    const line = await recordOf(idOf(answer))
    expect(line).toMatchObject({
      'error.type': outcome,
      'http.response.status_code': answer.status,
      'keyway.organization': organization.id,
    })
  }
})

test('a caller whom nobody knows is a line of the log, and nobody is charged', async () => {
  const answer = await call(keyway, undefined, { ...chatCall, apiKey: 'kw_nobody' })
  const line = await recordOf(idOf(answer))
  expect(line).toMatchObject({ 'error.type': 'invalid_api_key', 'http.response.status_code': 401 })
  expect(line['keyway.organization']).toBeUndefined()
})

test('a stream of chat has no chunk that its caller did not ask for, and every other as it came', async () => {
  const body = { ...(chatCall.body as object), stream: true }
  const asked = { ...body, stream_options: { include_usage: true } }
  const [silent, told] = await Promise.all([
    stream({ path: chatCall.path, body }),
    stream({ path: chatCall.path, body: asked }),
  ])
  const [plain, withUsage] = await Promise.all([silent.body, told.body])
  expect(plain).not.toContain('prompt_tokens')
  expect(withUsage.match(/"prompt_tokens"/g)).toHaveLength(1)
  const count = (text: string): number => text.split('\n\n').length
  expect(count(plain)).toBe(count(withUsage) - 1)
  expect(await recordOf(idOf(silent))).toMatchObject(TOKENS)
  expect(await recordOf(idOf(told))).toMatchObject(TOKENS)
})

describe('the usage of an organization', () => {
  test('is there for the first request at once, failed attempts and all', async () => {
    const own = await keyway.organization({ providers: [] })
    const bad = await own.addProviderKey('openai')
    const good = await own.addProviderKey('openai')
    keyway.standIns.revokeCredential(bad.label)
    expect((await call(keyway, own, chatCall)).status).toBe(200)
    await vi.waitFor(async () => {
      const usage = await keyway.management.get(
        `/${own.id}/usage?group_by=provider,model,api_key,provider_key,outcome,hour`,
      )
      expect(usage).toMatchObject({
        data: [
          {
            provider: 'openai',
            model: 'gpt-4.1',
            api_key: own.apiKeyId,
            provider_key: good.id,
            outcome: 'ok',
            requests: 1,
            requests_without_usage: 0,
            attempts: 2,
            input_tokens: 100,
            cached_input_tokens: 30,
            output_tokens: 27,
            reasoning_tokens: 7,
            cache_write_tokens: null,
          },
        ],
      })
    }, SOON)
  })

  test('knows of a caller who left, though nobody comes after', async () => {
    const own = await keyway.organization({ providers: ['anthropic'] })
    keyway.standIns.misbehave('anthropic', { kind: 'stall-midway', afterEvents: 2 }, { times: 1 })
    const answer = await stream(
      { path: messagesCall.path, body: { ...(messagesCall.body as object), stream: true } },
      own,
    )
    await answer.firstBytes
    answer.leave()
    await vi.waitFor(async () => {
      const usage = await keyway.management.get(`/${own.id}/usage?group_by=outcome`)
      expect(usage).toMatchObject({
        data: [{ outcome: 'client_left', requests: 1, input_tokens: 100 }],
      })
    }, SOON)
  })

  test('tells requests without tokens apart', async () => {
    const own = await keyway.organization({ providers: ['openai'] })
    await call(keyway, own, nativeCall)
    await vi.waitFor(async () => {
      expect(await keyway.management.get(`/${own.id}/usage`)).toMatchObject({
        totals: { requests: 1, requests_without_usage: 1, input_tokens: null, output_tokens: null },
      })
    }, SOON)
  })
})

test('nothing of a prompt or an answer is in the log', async () => {
  const messages = [{ role: 'user', content: CANARY }]
  for (const body of [
    { model: 'openai/gpt-4.1', messages },
    { model: 'anthropic/claude-sonnet-5-5', messages, stream: true },
    { model: 'mistral/mistral-large-4-0', messages, stream: true },
    { model: 'openai/gpt-4.1', messages, temperature: CANARY },
  ]) {
    for (const fault of [undefined, 'bad-request', 'server-error'] as const) {
      if (fault !== undefined) {
        for (const provider of ['openai', 'anthropic', 'mistral'] as const)
          keyway.standIns.misbehave(provider, { kind: fault }, { times: 1 })
      }
      const answer = await call(keyway, organization, { ...chatCall, body })
      if (fault === undefined && answer.status === 200) expect(answer.text).toContain(SECRET_ANSWER)
      await recordOf(idOf(answer))
      keyway.standIns.reset()
      keyway.standIns.script(SCRIPT)
    }
  }
  expect(requestLines(keyway).length).toBeGreaterThan(100)
  expect(keyway.worker.output()).not.toContain('CANARY')
  for (const id of seenIds) expect(await linesOf(keyway, id)).toHaveLength(1)
})
