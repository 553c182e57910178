import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { anthropic, openAi } from '../support/clients.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import {
  CITATIONS,
  type EdgeRag,
  RAG_ANSWER,
  SLM_ANSWER,
  startEdgeRag,
} from '../upstreams/edge-rag.ts'
import type { ReceivedRequest } from '../upstreams/exchange.ts'

const ENTRA = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2ln'
const STORED = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJzdG9yZWQifQ.c2ln'

let keyway: Keyway
let cluster: EdgeRag
let own: Organization
const ids = new Map<string, string>()

beforeAll(async () => {
  keyway = await startKeyway()
  cluster = await startEdgeRag([ENTRA, STORED])
  own = await keyway.organization({ providers: [] })
  await addEndpoint('site', { auth: 'bearer', api_key: STORED })
  await addEndpoint('own', { auth: 'caller', base_url: `${cluster.origin}/edgeai` })
})
afterAll(async () => {
  await cluster[Symbol.asyncDispose]()
  await keyway[Symbol.asyncDispose]()
})

async function addEndpoint(name: string, body: object): Promise<void> {
  const made = await keyway.management.post(`/${own.id}/endpoints`, {
    name,
    kind: 'edge-rag',
    reach: 'url',
    base_url: cluster.origin,
    ...body,
  })
  ids.set(name, String(made['id']))
}

const messages = [{ role: 'user' as const, content: 'How do I start it?' }]

const chat = (model: string, body: object = {}, headers: Record<string, string> = {}) =>
  call(keyway, own, {
    path: '/v1/chat/completions',
    body: { model, messages, ...body },
    headers,
  })

/** A caller's own token, beside the key of Keyway. */
const beside = (headers: Record<string, string>) => ({
  'x-keyway-api-key': own.apiKey,
  ...headers,
})

function lastReceived(): ReceivedRequest {
  const received = cluster.requests.at(-1)
  if (received === undefined) throw new Error('the cluster received nothing')
  return received
}

const testOf = (name: string): Promise<Answer> =>
  call(keyway, undefined, {
    path: `/v1/organizations/${own.id}/endpoints/${ids.get(name)}/test`,
    apiKey: keyway.adminToken,
  })

const errorOf = ({ status, json }: Answer) => ({
  status,
  code: (json as { error?: { code?: string } }).error?.code,
})

describe('a cluster is a model', () => {
  test('that answers whole, with its citations', async () => {
    const answer = await chat('byom/site', { temperature: 0.5 })
    expect(answer).toMatchObject({
      status: 200,
      json: {
        object: 'chat.completion',
        model: 'byom/site',
        choices: [
          {
            index: 0,
            finish_reason: 'stop',
            message: { content: RAG_ANSWER, context: { citations: CITATIONS } },
          },
        ],
      },
    })
    expect(lastReceived()).toMatchObject({
      path: '/edgeai/chat/completions?api-version=2024-10-01-preview',
      json: { messages, temperature: 0.5 },
      headers: { authorization: `Bearer ${STORED}`, 'x-user-role': 'user' },
    })
    expect(answer.headers.get('x-keyway-model')).toBe('site/rag')
  })

  test('of which a stream is made, with the citations in it', async () => {
    const answer = await chat('byom/site', { stream: true })
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(answer.text).toContain(JSON.stringify(CITATIONS))
    expect(answer.text).toMatch(/data: \[DONE\]\n\n$/)
    expect(lastReceived()).toMatchObject({
      json: { messages },
      headers: { accept: 'application/json' },
    })
  })

  test('for the openai SDK, which streams', async () => {
    const client = openAi(`${keyway.url}/v1`, own.apiKey)
    const body = { model: 'byom/site', messages, stream: true } as const
    let text = ''
    for await (const chunk of await client.chat.completions.create(body)) {
      text += chunk.choices[0]?.delta.content ?? ''
    }
    expect(text).toBe(RAG_ANSWER)
  })

  test('for the anthropic SDK, whole and streamed', async () => {
    const client = anthropic(keyway.url, own.apiKey)
    const body = { model: 'byom/site', max_tokens: 99, messages }
    const answer = await client.messages.create(body)
    expect(answer.content).toMatchObject([{ type: 'text', text: RAG_ANSWER }])
    expect(await client.messages.stream(body).finalText()).toBe(RAG_ANSWER)
  })

  test('that can be asked without its collections', async () => {
    const answer = await chat('byom/site/slm')
    expect(answer.json).toMatchObject({ choices: [{ message: { content: SLM_ANSWER } }] })
    expect(lastReceived().path).toBe('/edgeai/slm/chat/completions')
  })

  test('and has no other, which are listed', async () => {
    expect(errorOf(await chat('byom/site/gpt-5'))).toEqual({ status: 404, code: 'unknown_model' })
    const list = await call(keyway, own, { path: '/v1/models', method: 'GET' })
    const { data } = list.json as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toEqual([
      'byom/site/rag',
      'byom/site/slm',
      'byom/own/rag',
      'byom/own/slm',
    ])
  })

  test('that can be reached as it is', async () => {
    const path = '/native/byom/site/edgeai/chat/completions?api-version=2024-10-01-preview'
    const answer = await call(keyway, own, {
      path,
      body: { messages },
      headers: { 'x-user-role': 'dev' },
    })
    expect(answer.json).toMatchObject({ choices: [{ message: { content: RAG_ANSWER } }] })
    expect(lastReceived().headers['x-user-role']).toBe('user')
  })

  test('that makes no vectors', async () => {
    const before = cluster.requests.length
    const body = { model: 'byom/site', input: ['a'] }
    const answer = await call(keyway, own, { path: '/v1/embeddings', body })
    expect(errorOf(answer)).toEqual({ status: 400, code: 'unsupported_parameter' })
    expect(cluster.requests.length).toBe(before)
  })
})

describe('the caller’s own token', () => {
  test.each(['/v1/chat/completions', '/native/byom/own/edgeai/slm/chat/completions'])(
    'goes to the cluster, at %s',
    async (path) => {
      const isNative = path.startsWith('/native')
      const answer = await call(keyway, own, {
        path,
        body: isNative ? { messages } : { model: 'byom/own', messages },
        headers: beside({ authorization: `Bearer ${ENTRA}`, 'x-api-key': 'sk-another' }),
      })
      expect(answer.status).toBe(200)
      const { headers } = lastReceived()
      expect(headers['authorization']).toBe(`Bearer ${ENTRA}`)
      expect(JSON.stringify(headers)).not.toMatch(/sk-another|kw_/)
    },
  )

  test.each<[name: string, headers: () => Record<string, string>]>([
    ['where there is only Keyway’s key', () => ({})],
    ['where the key is in both headers', () => beside({ authorization: `Bearer ${own.apiKey}` })],
    ['where it is no bearer token', () => beside({ authorization: `Basic ${ENTRA}` })],
    [
      'where it is a key in another header',
      () => beside({ authorization: '', 'x-api-key': ENTRA }),
    ],
  ])('is asked for %s', async (_, headers) => {
    const before = cluster.requests.length
    const answer = await chat('byom/own', {}, headers())
    expect(errorOf(answer)).toEqual({ status: 400, code: 'no_provider_key' })
    expect(answer.text).toMatch(/Authorization: Bearer/)
    expect(answer.text).toContain('x-keyway-api-key')
    expect(cluster.requests.length).toBe(before)
  })

  test('that has ended is said to have', async () => {
    const answer = await chat('byom/own', {}, beside({ authorization: 'Bearer eyJ.old.token' }))
    expect(errorOf(answer)).toEqual({ status: 403, code: 'upstream_rejected_key' })
    expect(answer.text).toMatch(/Entra token.*about an hour/)
    expect(answer.text).not.toContain('eyJ.old')
  })

  test('is not used where one is stored', async () => {
    await chat('byom/site', {}, beside({ authorization: `Bearer ${ENTRA}` }))
    expect(lastReceived().headers['authorization']).toBe(`Bearer ${STORED}`)
  })
})

describe('a test of a cluster', () => {
  test('asks its model, and for no list', async () => {
    const before = cluster.requests.length
    expect((await testOf('site')).json).toMatchObject({ ok: true, status: 200 })
    expect(cluster.requests.slice(before).map(({ path }) => path)).toEqual([
      '/edgeai/slm/chat/completions',
    ])
  })

  test('says that it needs a caller', async () => {
    expect((await testOf('own')).json).toMatchObject({
      ok: false,
      status: null,
      message: expect.stringMatching(/own token/),
    })
  })
})
