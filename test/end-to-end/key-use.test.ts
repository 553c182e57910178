import { request } from 'node:http'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { call, chatCall, nativeCall } from '../support/call.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { rawRequest } from '../support/raw-client.ts'

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

const shown = (own: Organization, id: string): Promise<Record<string, unknown>> => {
  const kind = id.startsWith('pk_') ? 'provider-keys' : 'api-keys'
  return keyway.management.get(`/${own.id}/${kind}/${id}`)
}

/** Within this time what happened must be shown. */
const HALF_A_MINUTE = { timeout: 32_000, interval: 250 }
const SOON = { timeout: 10_000, interval: 20 }

test('the first use of keys is shown at once, and what went wrong with the first of them', async () => {
  const own = await keyway.organization({ providers: [] })
  const bad = await own.addProviderKey('openai')
  const good = await own.addProviderKey('openai')
  expect(await shown(own, bad.id)).toMatchObject({ last_used_at: null, last_error: null })
  keyway.standIns.revokeCredential(bad.label)
  const before = new Date().toISOString()
  expect((await call(keyway, own, chatCall)).status).toBe(200)
  await vi.waitFor(async () => {
    for (const id of [own.apiKeyId, good.id, bad.id]) {
      const { last_used_at: at } = await shown(own, id)
      expect(String(at) >= before).toBe(true)
      expect(String(at) <= new Date().toISOString()).toBe(true)
    }
  }, SOON)
  expect(await shown(own, good.id)).toMatchObject({ last_error: null })
  const {
    last_used_at: at,
    last_error: error,
    updated_at: updatedAt,
    created_at: createdAt,
  } = await shown(own, bad.id)
  expect(error).toEqual({ at, status: 401, message: 'openai refused the key.' })
  expect(updatedAt).toBe(createdAt)
})

test('a later use is shown within half a minute, though its caller left and nobody comes after', async () => {
  const own = await keyway.organization({ providers: ['openai'] })
  await call(keyway, own, nativeCall)
  const late = await own.addProviderKey('anthropic')
  const limited = await own.addProviderKey('xai')
  keyway.standIns.misbehave('anthropic', { kind: 'stall-midway', afterEvents: 2 }, { times: 1 })
  const answer = await rawRequest(keyway.url, '/native/anthropic/v1/messages', {
    headers: { 'x-api-key': own.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'claude-sonnet-5-5',
      max_tokens: 9,
      stream: true,
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  })
  await answer.firstBytes
  const leftMs = performance.now()
  answer.leave()
  expect(await lastRequest(keyway.standIns, 'anthropic').finished).toBe('client-left')
  expect(performance.now() - leftMs).toBeLessThan(4000)

  keyway.standIns.misbehave('xai', { kind: 'rate-limit' }, { times: 1 })
  const body = { ...(chatCall.body as object), model: 'grok-4.7' }
  expect((await call(keyway, own, { ...chatCall, body })).status).toBe(429)
  await vi.waitFor(async () => {
    expect(await shown(own, late.id)).toMatchObject({
      last_used_at: expect.stringMatching(/^20/),
      last_error: null,
    })
    expect(await shown(own, limited.id)).toMatchObject({
      last_error: { status: 429, message: 'xai limits the rate of requests.' },
    })
  }, HALF_A_MINUTE)
}, 40_000)

test('a caller who leaves before the answer is no fault of the key', async () => {
  const own = await keyway.organization({ providers: [] })
  const key = await own.addProviderKey('openai')
  keyway.standIns.misbehave('openai', { kind: 'stall-before-headers' }, { times: 1 })
  const leaving = request(keyway.url + chatCall.path, {
    method: 'POST',
    headers: { authorization: `Bearer ${own.apiKey}`, 'content-type': 'application/json' },
  })
  leaving.on('error', () => undefined).end(JSON.stringify(chatCall.body))
  const credential = () => lastRequest(keyway.standIns, 'openai').credential
  await vi.waitFor(() => expect(credential()).toBe(key.label), SOON)
  leaving.socket?.resetAndDestroy()
  expect(await lastRequest(keyway.standIns, 'openai').finished).toBe('client-left')
  expect((await call(keyway, own, chatCall)).status).toBe(200)
  await vi.waitFor(async () => {
    expect(await shown(own, key.id)).toMatchObject({
      last_used_at: expect.stringMatching(/^20/),
      last_error: null,
    })
  }, SOON)
})

test('a caller who is not let in uses nothing', async () => {
  const own = await keyway.organization({ providers: ['openai'], apiKey: { disabled: true } })
  expect((await call(keyway, own, chatCall)).status).toBe(403)
  // What is used later is shown: what was used before would be, too.
  const other = await keyway.management.post(`/${own.id}/api-keys`, { name: 'let in' })
  const { key: apiKey, id } = other as { key: string; id: string }
  expect((await call(keyway, { ...own, apiKey }, chatCall)).status).toBe(200)
  await vi.waitFor(async () => {
    expect((await shown(own, id))['last_used_at']).not.toBe(null)
  }, SOON)
  expect((await shown(own, own.apiKeyId))['last_used_at']).toBe(null)
})
