import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { call, chatCall, nativeCall } from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { addLab } from '../support/lab.ts'
import { type PrivateModel, startPrivateModel } from '../upstreams/private-model.ts'

let keyway: Keyway
let model: PrivateModel
beforeAll(async () => {
  keyway = await startKeyway()
  model = await startPrivateModel({ models: ['llama-4'] })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await keyway[Symbol.asyncDispose]()
})
afterEach(() => {
  keyway.standIns.reset({ requests: true })
  model.reset()
})

const SOON = { timeout: 10_000, interval: 20 }

const attempts = async (own: Organization, request = chatCall): Promise<string | null> =>
  (await call(keyway, own, request)).headers.get('x-keyway-attempts')

const shown = (own: Organization, id: string): Promise<Record<string, unknown>> =>
  keyway.management.get(`/${own.id}/provider-keys/${id}`)

async function twoKeys() {
  const own = await keyway.organization({ providers: [] })
  const first = await own.addProviderKey('openai')
  const second = await own.addProviderKey('openai')
  return { own, first, second }
}

test('a key that is limited is not tried by the next request, and says why', async () => {
  const { own, first, second } = await twoKeys()
  const fault = { kind: 'rate-limit', retryAfterSeconds: 30 } as const
  keyway.standIns.misbehave('openai', fault, { credential: first.label })
  const beforeMs = Date.now()
  expect(await attempts(own)).toBe(`${first.id}:429, ${second.id}:200`)
  expect(await attempts(own)).toBe(`${second.id}:200`)
  expect(keyway.standIns.requests).toHaveLength(3)
  await vi.waitFor(async () => {
    const { health } = (await shown(own, first.id)) as {
      health: { since: string; until: string } | null
    }
    expect(health).toMatchObject({
      state: 'cooling_down',
      reason: 'rate_limited',
      model: 'gpt-4.1',
    })
    const since = Date.parse(health?.since ?? '')
    expect(since).toBeGreaterThanOrEqual(beforeMs)
    expect(Date.parse(health?.until ?? '') - since).toBe(30_000)
  }, SOON)
  expect(await shown(own, second.id)).toMatchObject({ health: null })
})

test.each([
  ['on a universal surface', chatCall],
  ['on the native one', nativeCall],
])('a revoked key is not tried first by the next request: %s', async (_, request) => {
  const { own, first, second } = await twoKeys()
  keyway.standIns.revokeCredential(first.label)
  expect(await attempts(own, request)).toBe(`${first.id}:401, ${second.id}:200`)
  for (const next of [chatCall, nativeCall])
    expect(await attempts(own, next)).toBe(`${second.id}:200`)
  // Whoever asks for it gets it.
  const headers = { 'x-keyway-provider-key': first.id }
  expect(await attempts(own, { ...request, headers })).toBe(`${first.id}:401`)
})

test('a key that is replaced begins anew', async () => {
  const { own, first, second } = await twoKeys()
  keyway.standIns.revokeCredential(first.label)
  expect(await attempts(own)).toBe(`${first.id}:401, ${second.id}:200`)
  await vi.waitFor(async () => {
    expect(await shown(own, first.id)).toMatchObject({ health: { state: 'open', model: null } })
  }, SOON)
  const url = `${keyway.url}/v1/organizations/${own.id}/provider-keys/${first.id}`
  const patched = await fetch(url, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${keyway.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ provider_key: second.secret }),
  })
  expect(await patched.json()).toMatchObject({ health: null })
  expect(await attempts(own)).toBe(`${first.id}:200`)
  expect(await shown(own, first.id)).toMatchObject({ health: null })
})

test('the only key is tried every time, and what works again is well', async () => {
  const own = await keyway.organization({ providers: [] })
  const { id, label } = await own.addProviderKey('openai')
  keyway.standIns.misbehave('openai', { kind: 'refuse' }, { times: 2, credential: label })
  for (const outcome of ['401', '401', '200', '200']) {
    expect(await attempts(own)).toBe(`${id}:${outcome}`)
  }
})

test('a private model that fails again and again goes last in its routes', async () => {
  const own = await keyway.organization({ providers: ['openai'] })
  await addLab(keyway, own, model)
  await keyway.management.post(`/${own.id}/routes`, {
    name: 'own-first',
    targets: [{ model: 'byom/lab/llama-4' }, { model: 'openai/gpt-4.1' }],
  })
  const body = { ...(chatCall.body as object), model: 'own-first' }
  const outcomes = async (): Promise<string> =>
    ((await attempts(own, { ...chatCall, body })) ?? '').replaceAll(/\b(ep|pk)_\w+/g, '$1')
  expect(await outcomes()).toBe('ep:200')
  model.misbehave({ kind: 'server-error', status: 500 })
  for (let time = 0; time < 3; time += 1) expect(await outcomes()).toBe('ep:500, pk:200')
  expect(await outcomes()).toBe('pk:200')
})

test('embeddings keep to the first model of their route, however it fares', async () => {
  const own = await keyway.organization({ providers: ['openai', 'mistral'] })
  await keyway.management.post(`/${own.id}/routes`, {
    name: 'vectors',
    targets: [{ model: 'openai/text-embedding-3-small' }, { model: 'mistral/mistral-embed' }],
  })
  keyway.standIns.misbehave('openai', { kind: 'rate-limit', retryAfterSeconds: 30 })
  const body = { model: 'vectors', input: 'Hello' }
  for (let time = 0; time < 2; time += 1) {
    const { status, headers } = await call(keyway, own, { path: '/v1/embeddings', body })
    expect([status, headers.get('x-keyway-provider')]).toEqual([429, 'openai'])
  }
})
