import type OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../support/call.ts'
import { openAi } from '../support/clients.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { embeddingOf } from '../upstreams/dialects/embeddings.ts'
import { BAD_REQUEST_MESSAGE, type ProviderName } from '../upstreams/stand-ins.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization()
})
afterAll(() => keyway[Symbol.asyncDispose]())
afterEach(() => keyway.standIns.reset({ requests: true }))

const client = (): OpenAI => openAi(`${keyway.url}/v1`, organization.apiKey)
const requestsAt = (provider: ProviderName) =>
  keyway.standIns.requests.filter((request) => request.provider === provider)

interface Embedder {
  readonly provider: ProviderName
  readonly model: string
  /** How long its vectors are where nobody says. */
  readonly length: number
  /** Texts in one request. */
  readonly batch: number
  readonly path: RegExp
}

const OPENAI_LIKE: readonly Embedder[] = [
  {
    provider: 'openai',
    model: 'text-embedding-3-small',
    length: 8,
    batch: Infinity,
    path: /^\/v1\/embeddings$/,
  },
  {
    provider: 'azure',
    model: 'azure/text-embedding-3-small',
    length: 8,
    batch: Infinity,
    path: /^\/openai\/v1\/embeddings$/,
  },
]

const OTHERS: readonly Embedder[] = [
  {
    provider: 'mistral',
    model: 'mistral-embed',
    length: 8,
    batch: 512,
    path: /^\/v1\/embeddings$/,
  },
  {
    provider: 'google_vertex_ai',
    model: 'google_vertex_ai/text-embedding-005',
    length: 8,
    batch: 250,
    path: /\/publishers\/google\/models\/text-embedding-005:predict$/,
  },
  {
    provider: 'google_vertex_ai',
    model: 'gemini-embedding-001',
    length: 8,
    batch: 1,
    path: /\/publishers\/google\/models\/gemini-embedding-001:predict$/,
  },
  {
    provider: 'google_vertex_ai',
    model: 'gemini-embedding-2',
    length: 8,
    batch: 1,
    path: /\/publishers\/google\/models\/gemini-embedding-2:embedContent$/,
  },
  {
    provider: 'bedrock',
    model: 'bedrock/amazon.titan-embed-text-v2:0',
    length: 1024,
    batch: 1,
    path: /\/model\/amazon\.titan-embed-text-v2%3A0\/invoke$/,
  },
  {
    provider: 'bedrock',
    model: 'bedrock/cohere.embed-v4:0',
    length: 1024,
    batch: 96,
    path: /\/model\/cohere\.embed-v4%3A0\/invoke$/,
  },
]

const TEXTS = ['Grüße', 'aus 東京', 'z']
const tokensIn = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0)

describe.each([...OPENAI_LIKE, ...OTHERS])('$model', ({ provider, model, length, path }) => {
  // Without a word about the encoding the SDK asks for base64, and decodes it.
  test.each([undefined, 'float'] as const)('as %s', async (encoding_format) => {
    const wish = encoding_format === undefined ? {} : { encoding_format }
    const answer = await client().embeddings.create({ model, input: TEXTS, ...wish })
    expect(answer.object).toBe('list')
    expect(answer.data).toEqual(
      TEXTS.map((text, index) => ({
        object: 'embedding',
        index,
        embedding: embeddingOf(text, length),
      })),
    )
    expect(answer.usage).toEqual({
      prompt_tokens: tokensIn(TEXTS),
      total_tokens: tokensIn(TEXTS),
    })
    expect(lastRequest(keyway.standIns, provider).path).toMatch(path)
  })

  test('in base64, as it goes over the wire', async () => {
    const body = { model, input: 'Grüße', encoding_format: 'base64' }
    const { json } = await call(keyway, organization, { path: '/v1/embeddings', body })
    const floats = new Float32Array(embeddingOf('Grüße', length))
    expect(json).toMatchObject({
      data: [{ embedding: Buffer.from(floats.buffer).toString('base64') }],
    })
  })

  test('as long as is asked for', async () => {
    const answer = await client().embeddings.create({ model, input: 'Hello', dimensions: 256 })
    expect(answer.data.map(({ embedding }) => embedding)).toEqual([embeddingOf('Hello', 256)])
  })
})

describe.each(OTHERS)('$model', ({ provider, model, length, batch }) => {
  test('takes more texts than one request does', async () => {
    const count = batch === 1 ? 9 : batch + 3
    const texts = Array.from({ length: count }, (_, index) => `text ${index}`)
    const answer = await client().embeddings.create({ model, input: texts })
    expect(requestsAt(provider)).toHaveLength(Math.ceil(count / batch))
    expect(answer.data.map(({ index }) => index)).toEqual(texts.map((_, index) => index))
    expect(answer.data.map(({ embedding }) => embedding)).toEqual(
      texts.map((text) => embeddingOf(text, length)),
    )
    expect(answer.usage.prompt_tokens).toBe(tokensIn(texts))
  })

  test('fails as a whole when one of several requests does, with what the provider said', async () => {
    const texts = Array.from({ length: batch + 1 }, (_, index) => `text ${index}`)
    keyway.standIns.misbehave(provider, { kind: 'bad-request' }, { times: 1 })
    const answer = client().embeddings.create({ model, input: texts })
    await expect(answer).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(BAD_REQUEST_MESSAGE) as string,
    })
  })

  test.each([[[1, 2, 3]], [[[1, 2], [3]]]])(
    'refuses tokens by their numbers: %j',
    async (input) => {
      await expect(client().embeddings.create({ model, input })).rejects.toMatchObject({
        status: 400,
        code: 'invalid_request',
        param: 'input',
      })
      expect(requestsAt(provider)).toEqual([])
    },
  )

  test.each([
    ['no text', []],
    ['an empty text', ['a', '']],
  ])('refuses %s', async (_, input) => {
    await expect(client().embeddings.create({ model, input })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_request',
      param: input.length === 0 ? 'input' : 'input.1',
    })
  })

  test('gives way to the next key', async () => {
    const own = await keyway.organization({ providers: [] })
    const refused = await own.addProviderKey(provider)
    const good = await own.addProviderKey(provider)
    keyway.standIns.revokeCredential(refused.label)
    const { data } = await openAi(`${keyway.url}/v1`, own.apiKey).embeddings.create({
      model,
      input: 'Hello',
    })
    expect(data[0]?.embedding).toEqual(embeddingOf('Hello', length))
    expect(lastRequest(keyway.standIns, provider).credential).toBe(good.label)
  })

  test('gives one of several requests to the next key when its answer is none', async () => {
    const own = await keyway.organization({ providers: [] })
    const first = await own.addProviderKey(provider)
    const second = await own.addProviderKey(provider)
    const nonsense = { kind: 'other-answer', body: 'Come back later' } as const
    keyway.standIns.misbehave(provider, nonsense, { times: 1, credential: first.label })
    const texts = Array.from({ length: 2 * batch + 1 }, (_, index) => `text ${index}`)
    const { data, response } = await openAi(`${keyway.url}/v1`, own.apiKey)
      .embeddings.create({ model, input: texts })
      .withResponse()
    expect(data.data.map(({ embedding }) => embedding)).toEqual(
      texts.map((text) => embeddingOf(text, length)),
    )
    const attempts = response.headers.get('x-keyway-attempts')?.split(', ')
    const { id } = first
    expect(attempts?.toSorted()).toEqual(
      [`${id}:200`, `${id}:200`, `${id}:upstream_error`, `${second.id}:200`].toSorted(),
    )
  })

  test('tells of members that it has nothing for', async () => {
    const body = { model, input: 'Hello', user: 'somebody' }
    const answer = await call(keyway, organization, { path: '/v1/embeddings', body })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-keyway-warnings')).toBe('user:dropped')
    const strict = { 'x-keyway-compat': 'strict' }
    const refused = await call(keyway, organization, {
      path: '/v1/embeddings',
      body,
      headers: strict,
    })
    expect(refused.json).toMatchObject({ error: { code: 'unsupported_parameter', param: 'user' } })
  })
})

test('what a text is for reaches models whose vectors hang on it', async () => {
  const path = '/v1/embeddings'
  const cohere = { model: 'bedrock/cohere.embed-v4:0', input: 'a', input_type: 'search_query' }
  await call(keyway, organization, { path, body: cohere })
  expect(lastRequest(keyway.standIns, 'bedrock').json).toMatchObject({ input_type: 'search_query' })
  const google = { model: 'gemini-embedding-001', input: 'a', task_type: 'RETRIEVAL_QUERY' }
  await call(keyway, organization, { path, body: google })
  expect(lastRequest(keyway.standIns, 'google_vertex_ai').json).toMatchObject({
    instances: [{ content: 'a', task_type: 'RETRIEVAL_QUERY' }],
  })
})

test('tokens by their numbers reach the models that numbered them', async () => {
  const { data } = await client().embeddings.create({
    model: 'text-embedding-3-small',
    input: [[1, 2], [3]],
  })
  expect(data).toHaveLength(2)
})

test.each([
  'deepseek/deepseek-flash',
  'anthropic/claude-sonnet-5-5',
  'xai/grok-4.7',
  'zai/glm-5.3',
])('%s has no embeddings, and says so', async (model) => {
  await expect(client().embeddings.create({ model, input: 'Hello' })).rejects.toMatchObject({
    status: 400,
    code: 'unsupported_parameter',
    param: 'model',
    message: expect.stringContaining(model) as string,
  })
  expect(keyway.standIns.requests).toEqual([])
})

test('more texts than would be a few requests are refused before the first', async () => {
  const input = Array.from({ length: 300 }, () => 'a')
  const answer = client().embeddings.create({ model: 'gemini-embedding-001', input })
  await expect(answer).rejects.toMatchObject({ status: 400, param: 'input' })
  expect(requestsAt('google_vertex_ai')).toEqual([])
})
