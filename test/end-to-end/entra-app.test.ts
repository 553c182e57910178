import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { type EdgeRag, RAG_ANSWER, startEdgeRag } from '../upstreams/edge-rag.ts'
import { type EntraTokenEndpoint, startEntra } from '../upstreams/entra-token-endpoint.ts'
import { type PrivateModel, startPrivateModel } from '../upstreams/private-model.ts'

/** A private endpoint whose tokens Keyway mints in the name of an app that is stored. */

const app = {
  tenant_id: '11111111-2222-4333-8444-555555555555',
  client_id: '66666666-7777-4888-8999-000000000000',
  client_secret: 'canary~client-secret-1234',
  scope: 'api://99999999-2222-4333-8444-555555555555/.default',
}

/** One whose tokens a model server takes. */
const modelApp = { ...app, tenant_id: 'contoso.com', client_id: crypto.randomUUID() }

/** One that has no token yet. */
const newApp = { ...app, client_id: crypto.randomUUID() }

const messages = [{ role: 'user' as const, content: 'How do I start it?' }]

let keyway: Keyway
let cluster: EdgeRag
let entra: EntraTokenEndpoint
let model: PrivateModel
/** What the cluster takes; Entra's are added as they are issued. */
const known: string[] = []
let own: Organization

beforeAll(async () => {
  cluster = await startEdgeRag(known)
  model = await startPrivateModel()
  entra = await startEntra([app, modelApp, newApp], (clientId) => {
    if (clientId === modelApp.client_id) return model.apiKey
    known.push(`eyJhbGciOiJub25lIn0.canary-${known.length}.c2ln`)
    return known.at(-1) ?? ''
  })
  keyway = await startKeyway(({ baseUrls }) =>
    Promise.resolve({
      PROVIDER_BASE_URLS: JSON.stringify({ ...baseUrls, entra_token: entra.base }),
    }),
  )
  own = await keyway.organization({ providers: [] })
})
afterAll(async () => {
  await keyway[Symbol.asyncDispose]()
  await Promise.all([cluster, entra, model].map((one) => one[Symbol.asyncDispose]()))
})

const at = (path: string, body?: object, method?: string) =>
  call(keyway, undefined, {
    path: `/v1/organizations/${own.id}/endpoints${path}`,
    apiKey: keyway.adminToken,
    ...(body === undefined ? {} : { body }),
    ...(method === undefined ? {} : { method }),
  })

async function addEndpoint(name: string, body: object = {}): Promise<Answer> {
  const base = { name, kind: 'edge-rag', reach: 'url', base_url: cluster.origin, auth: 'entra' }
  const made = await at('', { ...base, api_key: app, ...body })
  expect(made.status).toBe(201)
  return made
}

const chat = (named: string) =>
  call(keyway, own, { path: '/v1/chat/completions', body: { model: named, messages } })

const lastProof = () => cluster.requests.at(-1)?.headers['authorization']

const idOf = ({ json }: Answer): string => String((json as { id?: unknown }).id)

describe('an app that is stored', () => {
  test('gets a token from Entra, which the cluster takes, and keeps it', async () => {
    const made = await addEndpoint('site')
    expect(made.json).toMatchObject({ auth: 'entra', hint: '1234' })
    const before = entra.requests.length
    expect((await chat('byom/site')).json).toMatchObject({
      choices: [{ message: { content: RAG_ANSWER } }],
    })
    expect(lastProof()).toBe(`Bearer ${known.at(-1)}`)
    const path = '/native/byom/site/edgeai/slm/chat/completions'
    expect((await call(keyway, own, { path, body: { messages } })).status).toBe(200)
    expect((await at(`/${idOf(made)}/test`, {})).json).toMatchObject({ ok: true })
    expect(lastProof()).toBe(`Bearer ${known.at(-1)}`)
    expect(entra.requests.slice(before)).toMatchObject([{ method: 'POST', status: 200 }])
  })

  test('gets a new one when the cluster does not take the old one any more', async () => {
    await addEndpoint('ending')
    await chat('byom/ending')
    known.length = 0
    const refused = await chat('byom/ending')
    expect(refused).toMatchObject({
      status: 403,
      json: { error: { code: 'upstream_rejected_key' } },
    })
    expect(refused.text).not.toContain('canary')
    await expect.poll(async () => (await chat('byom/ending')).status).toBe(200)
  })

  test('that Entra refuses is told by Entra’s code alone, and nothing is sent', async () => {
    const api_key = JSON.stringify({ ...app, client_secret: 'canary~wrong' }, null, 2)
    const made = await addEndpoint('wrong', { api_key })
    const before = cluster.requests.length
    const answer = await chat('byom/wrong')
    expect(answer).toMatchObject({
      status: 403,
      json: { error: { code: 'upstream_rejected_key' } },
    })
    expect(answer.text).toMatch(/byom\/wrong: Entra refused .*\(invalid_client\)/)
    const tested = await at(`/${idOf(made)}/test`, {})
    expect(tested.json).toMatchObject({
      ok: false,
      message: expect.stringContaining('invalid_client'),
    })
    expect(cluster.requests.length).toBe(before)
    for (const { text } of [answer, tested, await at(`/${idOf(made)}`, undefined, 'GET')]) {
      expect(text).not.toMatch(/canary|AADSTS|6666/)
    }
  })

  test('is not told as refused where Entra fails or has no room, and goes last in its routes', async () => {
    await addEndpoint('new', { api_key: newApp })
    await own.addProviderKey('openai')
    await keyway.management.post(`/${own.id}/routes`, {
      name: 'either',
      targets: [{ model: 'byom/new' }, { model: 'openai/gpt-4.1' }],
    })
    entra.misbehave({ kind: 'server-error', status: 503 }, 1)
    entra.misbehave({ kind: 'rate-limit' }, 2)
    for (let time = 0; time < 2; time += 1) {
      const answer = await chat('byom/new')
      expect(answer).toMatchObject({ status: 502, json: { error: { code: 'upstream_error' } } })
      expect(answer.text).toMatch(/byom\/new: Entra .*\(temporarily_unavailable\)/)
    }
    const answer = await chat('either')
    expect(answer.headers.get('x-keyway-attempts')).toMatch(/^ep_\w+:upstream_error, pk_\w+:200$/)
    expect((await chat('either')).headers.get('x-keyway-attempts')).toMatch(/^pk_\w+:200$/)
  })

  test('is not sent as it is when it is to be a key', async () => {
    const made = await addEndpoint('turned')
    const turned = await at(`/${idOf(made)}`, { auth: 'bearer' }, 'PATCH')
    expect(turned).toMatchObject({ status: 400, json: { error: { param: 'api_key' } } })
  })

  test('proves itself to a model server as well', async () => {
    await addEndpoint('lab', {
      kind: 'openai-compatible',
      base_url: model.baseUrl,
      models: ['llama-4'],
      api_key: modelApp,
    })
    expect((await chat('byom/lab')).status).toBe(200)
    const native = {
      path: '/native/byom/lab/v1/chat/completions',
      body: { model: 'llama-4', messages },
    }
    expect((await call(keyway, own, native)).status).toBe(200)
    for (const { headers } of model.requests) {
      expect(headers['authorization']).toBe(`Bearer ${model.apiKey}`)
      expect(JSON.stringify(headers)).not.toMatch(/client-secret|kw_/)
    }
    expect(model.requests).toHaveLength(2)
  })
})

test('nothing of the app or of its tokens is in KV in the clear', async () => {
  const kv = await keyway.worker.kv()
  const { keys } = await kv.list()
  expect(keys.map(({ name }) => name)).toContainEqual(
    expect.stringMatching(/^token\/org_\w+\/entra\/[0-9a-f]{64}$/),
  )
  const values = await Promise.all(keys.map(({ name }) => kv.get(name)))
  expect(values.join('\n')).not.toMatch(/canary|client_secret|clientSecret/)
})
