import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { tokenStoreOf } from '../../src/storage/replica/token-store.ts'
import { kvEntries, testEnv } from './world.ts'

const ORGANIZATION = 'org_0000000000000001'
const NAME = 'exchanged/00ff'
const token = { token: 'ya29.canary', expiresAtMs: Date.now() + 3_600_000 }

afterEach(() => {
  vi.useRealTimers()
})

test('a minted token comes back to its organization, and to no other', async () => {
  await tokenStoreOf(testEnv(), ORGANIZATION).put(NAME, token)
  expect(await tokenStoreOf(testEnv(), ORGANIZATION).get(NAME)).toEqual(token)
  expect(await tokenStoreOf(testEnv(), 'org_0000000000000002').get(NAME)).toBeUndefined()
  expect(JSON.stringify(await kvEntries())).not.toContain('canary')
})

test('a token that was moved to another organization or name does not open', async () => {
  await tokenStoreOf(testEnv(), ORGANIZATION).put(NAME, token)
  const [[, sealed] = ['', '']] = Object.entries(await kvEntries(`token/${ORGANIZATION}/`))
  await env.KEYWAY.put(`token/org_0000000000000003/${NAME}`, sealed)
  await env.KEYWAY.put(`token/${ORGANIZATION}/exchanged/other`, sealed)
  expect(await tokenStoreOf(testEnv(), 'org_0000000000000003').get(NAME)).toBeUndefined()
  expect(await tokenStoreOf(testEnv(), ORGANIZATION).get('exchanged/other')).toBeUndefined()
})

test('a token leaves KV when it ends', async () => {
  await tokenStoreOf(testEnv(), ORGANIZATION).put(NAME, token)
  const { keys } = await env.KEYWAY.list({ prefix: `token/${ORGANIZATION}/` })
  const expiresIn =
    (keys.find(({ name }) => name.endsWith(NAME))?.expiration ?? 0) - Date.now() / 1000
  expect(expiresIn).toBeGreaterThan(3500)
  expect(expiresIn).toBeLessThanOrEqual(3601)
})

test('a forgotten token is gone, and one that is about to end is not kept', async () => {
  const store = tokenStoreOf(testEnv(), ORGANIZATION)
  await store.put(NAME, token)
  await store.delete(NAME)
  expect(await store.get(NAME)).toBeUndefined()
  await store.put(NAME, { ...token, expiresAtMs: Date.now() + 30_000 })
  expect(await store.get(NAME)).toBeUndefined()
})

test('a KV that does not answer has no token', async () => {
  const KEYWAY = new Proxy(env.KEYWAY, {
    get: (kv, member) =>
      member === 'get' ? () => new Promise(() => undefined) : Reflect.get(kv, member),
  })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const reading = tokenStoreOf(testEnv({ KEYWAY }), ORGANIZATION).get(NAME)
  await vi.advanceTimersByTimeAsync(2_500)
  expect(await reading).toBeUndefined()
})
