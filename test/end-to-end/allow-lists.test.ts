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
  const piece = new Uint8Array(1024 * 1024).fill(32)
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent++ < 33) controller.enqueue(piece)
      else controller.close()
    },
  })
  const response = await fetch(keyway.url + nativeCall.path, {
    method: 'POST',
    headers: { authorization: `Bearer ${free.apiKey}`, 'content-type': 'application/json' },
    body,
    duplex: 'half',
  } as RequestInit).catch(() => undefined)
  // A client that is still writing may not see the answer, which comes before the last byte.
  if (response) expect(response.headers.get('x-keyway-error-code')).toBe('request_too_large')
})
