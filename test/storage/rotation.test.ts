import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import { authenticate } from '../../src/gateway/caller/authenticate.ts'
import type { PresentedKey } from '../../src/gateway/caller/read-api-key.ts'
import type { Dependencies } from '../../src/gateway/dependencies.ts'
import { newTrace } from '../../src/gateway/record/trace.ts'
import { replicaOf } from '../../src/storage/replica/replica.ts'
import {
  createApiKey,
  deleteApiKey,
  rotateApiKey,
  updateApiKey,
} from '../../src/storage/resources/api-keys.ts'
import { deleteOrganization } from '../../src/storage/resources/organizations.ts'
import { alarmOf, anApiKey, outboxOf, retryNow, sha256Hex } from './outbox-world.ts'
import { kvEntries, newOrganization, recordOf, testEnv, writer } from './world.ts'

const start = Date.now()
const context = { ...writer(), now: () => new Date(start) }

afterEach(() => {
  vi.restoreAllMocks()
})

async function newKey() {
  const organizationId = await newOrganization()
  const { id, key } = await createApiKey(context, organizationId, anApiKey)
  return { place: { organizationId, id }, key }
}

/** What the data plane says to the key, so many seconds from now: that it is taken, or why not. */
async function answerAt(organizationId: string, apiKey: string, seconds: number): Promise<string> {
  const deps = { replica: replicaOf(testEnv()), nowMs: () => start + seconds * 1000 }
  const presented = { apiKey, organizationId } as PresentedKey
  try {
    await authenticate(presented, deps as unknown as Dependencies, newTrace('req_test'))
    return 'taken'
  } catch (error) {
    if (error instanceof GatewayError) return error.code
    throw error
  }
}

test('an API key is taken until the moment in which it expires', async () => {
  const organizationId = await newOrganization()
  const expiring = { ...anApiKey, expires_at: new Date(start + 60_000).toISOString() }
  const { key } = await createApiKey(context, organizationId, expiring)
  expect(await answerAt(organizationId, key, 59.999)).toBe('taken')
  expect(await answerAt(organizationId, key, 60)).toBe('invalid_api_key')
})

describe('rotating an API key', () => {
  test('keeps the old secret for the overlap and no longer, under the same id', async () => {
    const { place, key } = await newKey()
    const { organizationId } = place
    const rotated = await rotateApiKey(context, place, 3600)
    expect(rotated.id).toBe(place.id)
    expect(rotated.hint).toBe(rotated.key.slice(-4))
    expect(rotated.key).not.toBe(key)
    expect(await answerAt(organizationId, key, 3599)).toBe('taken')
    expect(await answerAt(organizationId, key, 3600)).toBe('invalid_api_key')
    expect(await answerAt(organizationId, rotated.key, 3600)).toBe('taken')
  })

  test('with no overlap ends every older secret at once', async () => {
    const { place, key } = await newKey()
    const second = await rotateApiKey(context, place, 86_400)
    const third = await rotateApiKey(context, place, 0)
    for (const old of [key, second.key]) {
      expect(await answerAt(place.organizationId, old, 0)).toBe('invalid_api_key')
      expect(await env.KEYWAY.get(`key/${await sha256Hex(old)}`)).toBeNull()
    }
    expect(await answerAt(place.organizationId, third.key, 0)).toBe('taken')
  })

  test('a later rotation shortens an overlap and never lengthens it', async () => {
    const { place, key } = await newKey()
    await rotateApiKey(context, place, 60)
    await rotateApiKey(context, place, 3600)
    expect(await answerAt(place.organizationId, key, 59)).toBe('taken')
    expect(await answerAt(place.organizationId, key, 60)).toBe('invalid_api_key')
  })

  test('disabling, changing and deleting reach the overlapping secret too', async () => {
    const { place, key } = await newKey()
    await rotateApiKey(context, place, 3600)
    const record = async (): Promise<unknown> =>
      env.KEYWAY.get(`key/${await sha256Hex(key)}`, 'json')
    await updateApiKey(context, place, { models: ['m'] })
    expect(await record()).toMatchObject({ models: ['m'] })
    await updateApiKey(context, place, { disabled: true })
    expect(await answerAt(place.organizationId, key, 0)).toBe('api_key_disabled')
    await deleteApiKey(context, place)
    expect(await record()).toBeNull()
  })

  test('the alarm removes what has ended from KV, and then rests', async () => {
    const { place, key } = await newKey()
    await rotateApiKey(context, place, 3600)
    expect(await alarmOf(place.organizationId)).toBe(start + 3600_000)
    await runInDurableObject(recordOf(place.organizationId), (_, { storage: { sql } }) => {
      sql.exec(`UPDATE replaced_api_keys SET valid_until = '2020-01-01T00:00:00.000Z'`)
    })
    expect(await runDurableObjectAlarm(recordOf(place.organizationId))).toBe(true)
    expect(await env.KEYWAY.get(`key/${await sha256Hex(key)}`)).toBeNull()
    expect(await alarmOf(place.organizationId)).toBeNull()
  })

  test('a crash between commit and publication loses neither secret', async () => {
    const { place, key } = await newKey()
    const put = vi.spyOn(env.KEYWAY, 'put').mockRejectedValue(new Error('the object is going away'))
    const rotated = await rotateApiKey(context, place, 3600)
    expect(await outboxOf(place.organizationId)).toHaveLength(2)
    await evictDurableObject(recordOf(place.organizationId))
    put.mockRestore()
    await retryNow(place.organizationId)
    expect(await answerAt(place.organizationId, rotated.key, 0)).toBe('taken')
    expect(await env.KEYWAY.get(`key/${await sha256Hex(key)}`, 'json')).toMatchObject({
      valid_until: new Date(start + 3600_000).toISOString(),
    })
  })

  test('deleting the organization removes overlapping secrets', async () => {
    const { place, key } = await newKey()
    await rotateApiKey(context, place, 3600)
    await deleteOrganization(context, place.organizationId)
    expect(Object.keys(await kvEntries('key/'))).not.toContain(`key/${await sha256Hex(key)}`)
    expect(await alarmOf(place.organizationId)).toBeNull()
  })
})
