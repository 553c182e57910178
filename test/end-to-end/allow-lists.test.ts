import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Call, call, chatCall, messagesCall, nativeCall } from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'

/** What an API key may use, and how large a body may be, on every surface that calls a model. */

const MODEL = 'openai/gpt-4.1'
const EMBEDDER = 'openai/text-embedding-3-small'
const messages = [{ role: 'user', content: 'Hello' }]
const version = '?api-version=2025-04-01-preview'

const SURFACES: readonly (readonly [name: string, one: Call])[] = [
  ['chat', chatCall],
  ['Responses', { path: '/v1/responses', body: { model: MODEL, input: 'Hello' } }],
  ['embeddings', { path: '/v1/embeddings', body: { model: EMBEDDER, input: 'Hello' } }],
  ['chat under /openai/v1', { ...chatCall, path: `/openai${chatCall.path}` }],
  [
    'Azure’s chat',
    { path: `/openai/deployments/${MODEL}/chat/completions${version}`, body: { messages } },
  ],
  [
    'Azure’s embeddings',
    { path: `/openai/deployments/${EMBEDDER}/embeddings${version}`, body: { input: 'Hello' } },
  ],
  ['messages', { ...messagesCall, body: { model: MODEL, messages, max_tokens: 9 } }],
  ['counting tokens', { path: '/v1/messages/count_tokens', body: { model: MODEL, messages } }],
  ['native', nativeCall],
]

let keyway: Keyway
let free: Organization
let elsewhere: Organization
let otherModels: Organization
let theseModels: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  const heldTo = (apiKey: object): Promise<Organization> =>
    keyway.organization({ providers: ['openai', 'anthropic'], apiKey })
  free = await heldTo({})
  elsewhere = await heldTo({ providers: ['anthropic'] })
  otherModels = await heldTo({ models: ['gpt-5*', 'anthropic/*'] })
  theseModels = await heldTo({ models: ['gpt-4.1', 'openai/text-embedding-*'] })
})
afterAll(() => keyway[Symbol.asyncDispose]())

describe.each(SURFACES)('%s', (_, one) => {
  test('is refused to a key of another provider, and to one of other models', async () => {
    const received = keyway.standIns.requests.length
    const codes = await Promise.all(
      [elsewhere, otherModels].map(async (organization) => {
        const { status, headers } = await call(keyway, organization, one)
        return [status, headers.get('x-keyway-error-code')]
      }),
    )
    expect(codes).toEqual([
      [403, 'provider_not_allowed'],
      [403, 'model_not_allowed'],
    ])
    expect(keyway.standIns.requests.length).toBe(received)
  })

  test('serves a key that may use the model', async () => {
    const { status, text } = await call(keyway, theseModels, one)
    expect(status, text).toBe(200)
  })

  test('refuses a body that says that it is larger than 32 MiB', async () => {
    const { hostname, port } = new URL(keyway.url)
    const { promise, resolve, reject } = Promise.withResolvers<unknown[]>()
    const large = request({
      hostname,
      port,
      path: one.path,
      method: 'POST',
      headers: {
        authorization: `Bearer ${free.apiKey}`,
        'content-type': 'application/json',
        'content-length': String(32 * 1024 * 1024 + 1),
      },
    })
    large.on('error', reject)
    large.on('response', (response) => {
      resolve([response.statusCode, response.headers['x-keyway-error-code']])
      large.on('error', () => undefined).destroy()
    })
    large.flushHeaders()
    expect(await promise).toEqual([413, 'request_too_large'])
  })
})

test('native refuses a body that turns out to be larger than 32 MiB', async () => {
  const { hostname, port } = new URL(keyway.url)
  const { promise, resolve, reject } = Promise.withResolvers<unknown[]>()
  const large = request({
    hostname,
    port,
    path: nativeCall.path,
    method: 'POST',
    headers: { authorization: `Bearer ${free.apiKey}`, 'content-type': 'application/json' },
  })
  large.on('error', reject)
  large.on('response', (response) => {
    resolve([response.statusCode, response.headers['x-keyway-error-code']])
    large.on('error', () => undefined).destroy()
  })
  large.write(new Uint8Array(32 * 1024 * 1024 + 1).fill(32))
  expect(await promise).toEqual([413, 'request_too_large'])
})

describe('on the native surface, a key held to some models', () => {
  const BODY_MODEL = 'gpt-4.1'
  const PATH_MODEL = 'us.anthropic.claude-sonnet-4-6'
  let held: Organization
  beforeAll(async () => {
    held = await keyway.organization({
      providers: ['openai', 'anthropic', 'azure', 'bedrock', 'google_vertex_ai'],
      apiKey: { models: [BODY_MODEL, PATH_MODEL, 'claude-*'] },
    })
  })

  const codeOf = async (path: string, body: object): Promise<unknown[]> => {
    const received = keyway.standIns.requests.length
    const answer = await call(keyway, held, { path: `/native${path}`, body })
    expect(keyway.standIns.requests.length - received).toBe(answer.status === 200 ? 1 : 0)
    return [answer.status, answer.headers.get('x-keyway-error-code')]
  }

  test.each([
    // The model is in the path, whatever the body says.
    '/azure/openai/deployments/other/chat/completions?api-version=2025-04-01-preview',
    '/azure/OpenAI/Deployments/other/chat/completions?api-version=2025-04-01-preview',
    '/bedrock/model/other/converse',
    '/google_vertex_ai/v1/publishers/google/models/other:generateContent',
    // It is somewhere else.
    '/bedrock/async-invoke',
    '/openai/v1/batches',
    '/anthropic/v1/messages/batches',
    '/google_vertex_ai/v1/projects/-/locations/global/batchPredictionJobs',
  ])('is not fooled by the model in a body that %s does not read', async (path) => {
    const body = { model: BODY_MODEL, modelId: 'other', messages }
    expect(await codeOf(path, body)).toEqual([403, 'model_not_allowed'])
  })

  test.each([
    '/azure/openai/%64eployments/other/chat/completions?api-version=2025-04-01-preview',
    '/bedrock/%6Dodel/other/converse',
    '/google_vertex_ai/v1/publishers/google/%6Dodels/other:generateContent',
  ])('is not fooled by a second spelling of a path: %s', async (path) => {
    expect(await codeOf(path, { model: BODY_MODEL, messages })).toEqual([400, 'invalid_request'])
  })

  test.each([
    ['/openai/v1/chat/completions', { model: BODY_MODEL, messages }],
    ['/azure/openai/v1/chat/completions', { model: BODY_MODEL, messages }],
    [`/azure/openai/deployments/${BODY_MODEL}/chat/completions${version}`, { messages }],
    ['/anthropic/v1/messages', { model: 'claude-sonnet-5-5', max_tokens: 9, messages }],
    [
      `/bedrock/model/${PATH_MODEL}/converse`,
      { messages: [{ role: 'user', content: [{ text: 'Hello' }] }] },
    ],
  ])('is served where the model is in its place: %s', async (path, body) => {
    expect(await codeOf(path, body)).toEqual([200, null])
  })
})
