import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, chatCall, messagesCall, nativeCall } from '../support/call.ts'
import { type Keyway, lastRequest, startKeyway } from '../support/keyway.ts'

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

const used = () => lastRequest(keyway.standIns, 'openai').credential

describe('which key is tried first', () => {
  test('one assigned to the API key, then the organization by priority, then the oldest', async () => {
    const own = await keyway.organization({ providers: [] })
    const late = await own.addProviderKey('openai', { body: { priority: 200 } })
    const first = await own.addProviderKey('openai', { body: { priority: 1 } })
    const second = await own.addProviderKey('openai', { body: { priority: 1 } })
    const assigned = await own.addProviderKey('openai', {
      body: { priority: 900, api_key_ids: [own.apiKeyId] },
    })
    for (const expected of [assigned, first, second, late]) {
      const answer = await call(keyway, own, chatCall)
      expect(answer.headers.get('x-keyway-provider-key')).toBe(expected.id)
      expect(used()).toBe(expected.label)
      await keyway.management.delete(`/${own.id}/provider-keys/${expected.id}`)
    }
    expect((await call(keyway, own, chatCall)).status).toBe(400)
  })

  test('disabled keys, keys for other models and keys for other API keys are passed over', async () => {
    const own = await keyway.organization({ providers: [] })
    const { id: otherKey } = await keyway.management.post(`/${own.id}/api-keys`, { name: 'other' })
    await own.addProviderKey('openai', { body: { disabled: true } })
    await own.addProviderKey('openai', { body: { models: ['gpt-5*'] } })
    await own.addProviderKey('openai', { body: { api_key_ids: [otherKey] } })
    const good = await own.addProviderKey('openai', { body: { models: ['openai/gpt-4*'] } })
    for (const request of [chatCall, nativeCall]) {
      const answer = await call(keyway, own, request)
      expect(answer.headers.get('x-keyway-provider-key')).toBe(good.id)
    }
  })

  test('the one that the caller pins', async () => {
    const own = await keyway.organization({ providers: [] })
    await own.addProviderKey('openai')
    const pinned = await own.addProviderKey('openai')
    const headers = { 'x-keyway-provider-key': pinned.id }
    await call(keyway, own, { ...chatCall, headers })
    expect(used()).toBe(pinned.label)
  })
})

describe('a key that does not work gives way to the next', () => {
  test.each([
    ['refused', { kind: 'refuse' }, '401'],
    ['rate-limited', { kind: 'rate-limit' }, '429'],
    ['failing', { kind: 'server-error', status: 500 }, '500'],
    ['unreachable', { kind: 'die-before-headers' }, 'unreachable'],
  ] as const)('when it is %s', async (_, fault, outcome) => {
    for (const request of [chatCall, nativeCall]) {
      const own = await keyway.organization({ providers: [] })
      const bad = await own.addProviderKey('openai')
      const good = await own.addProviderKey('openai')
      keyway.standIns.misbehave('openai', fault, { times: 1, credential: bad.label })
      const answer = await call(keyway, own, request)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('x-keyway-attempts')).toBe(`${bad.id}:${outcome}, ${good.id}:200`)
      expect(used()).toBe(good.label)
    }
  })

  test('when Google will not exchange it', async () => {
    const own = await keyway.organization({ providers: [] })
    const bad = await own.addProviderKey('google_vertex_ai')
    keyway.standIns.revokeCredential(bad.label)
    const good = await own.addProviderKey('google_vertex_ai')
    const body = { ...(messagesCall.body as object), model: 'google_vertex_ai/claude-sonnet-5-5' }
    const answer = await call(keyway, own, { ...messagesCall, body })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-keyway-attempts')).toBe(`${bad.id}:credential 400, ${good.id}:200`)
    await keyway.management.delete(`/${own.id}/provider-keys/${good.id}`)
    const native = await call(keyway, own, {
      path: '/native/google_vertex_ai/v1/publishers/google/models/gemini-3.8-flash:generateContent',
      body: {},
    })
    expect([native.status, native.headers.get('x-keyway-error-code')]).toEqual([
      403,
      'upstream_rejected_key',
    ])
  })

  test.each([
    ['has no room', { kind: 'rate-limit' }, 429],
    ['fails', { kind: 'server-error', status: 503 }, 503],
  ] as const)('when Google’s token endpoint %s, which is no refusal', async (_, fault, status) => {
    const own = await keyway.organization({ providers: [] })
    const first = await own.addProviderKey('google_vertex_ai')
    const second = await own.addProviderKey('google_vertex_ai')
    const model = 'google_vertex_ai/claude-sonnet-5-5'
    const request = { ...messagesCall, body: { ...(messagesCall.body as object), model } }
    keyway.standIns.misbehave('google_token', fault)
    const refused = await call(keyway, own, request)
    expect([refused.status, refused.headers.get('x-keyway-error-code')]).toEqual([
      502,
      'upstream_error',
    ])
    const outcome = `credential ${status}`
    expect(refused.headers.get('x-keyway-attempts')).toBe(
      `${first.id}:${outcome}, ${second.id}:${outcome}`,
    )
    keyway.standIns.reset()
    keyway.standIns.misbehave('google_token', fault, { credential: first.label })
    const answer = await call(keyway, own, request)
    expect(answer.headers.get('x-keyway-attempts')).toBe(`${first.id}:${outcome}, ${second.id}:200`)
  })

  test('and the failure that tells most is the one that is told', async () => {
    const own = await keyway.organization({ providers: [] })
    const limited = await own.addProviderKey('openai')
    const revoked = await own.addProviderKey('openai')
    keyway.standIns.revokeCredential(revoked.label)
    const fault = { kind: 'rate-limit', retryAfterSeconds: 9 } as const
    keyway.standIns.misbehave('openai', fault, { times: 1, credential: limited.label })
    const answer = await call(keyway, own, chatCall)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '9'])
  })

  test('but not when the request itself is at fault', async () => {
    const own = await keyway.organization({ providers: [] })
    const first = await own.addProviderKey('openai')
    await own.addProviderKey('openai')
    keyway.standIns.misbehave('openai', { kind: 'bad-request' }, { times: 1 })
    const answer = await call(keyway, own, chatCall)
    expect(answer.headers.get('x-keyway-attempts')).toBe(`${first.id}:400`)
  })

  test('and when all are refused, each is listed, and natively the last answer is handed on', async () => {
    const own = await keyway.organization({ providers: [] })
    const keys = [await own.addProviderKey('openai'), await own.addProviderKey('openai')]
    for (const { label } of keys) keyway.standIns.revokeCredential(label)
    const universal = await call(keyway, own, chatCall)
    expect(universal.status).toBe(403)
    for (const { id } of keys) expect(universal.text).toContain(`${id} (401)`)
    const native = await call(keyway, own, nativeCall)
    expect(native.status).toBe(401)
    expect(native.json).toMatchObject({ error: { code: 'invalid_api_key' } })
  })
})
