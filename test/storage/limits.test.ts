import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import type { KeyLimits } from '../../src/limits/key-limits.ts'
import type { Ask, Terms } from '../../src/limits/terms.ts'
import { limitLedgersOf } from '../../src/storage/organization/limit-ledgers.ts'
import {
  createApiKey,
  deleteApiKey,
  getApiKey,
  rotateApiKey,
  updateApiKey,
} from '../../src/storage/resources/api-keys.ts'
import { borrow } from '../../src/storage/resources/borrow.ts'
import { deleteOrganization } from '../../src/storage/resources/organizations.ts'
import { hashSecret } from '../../src/storage/sealed/sha256.ts'
import { newOrganization, recordOf, testEnv, writer } from './world.ts'

const FREE = { expires_at: null, providers: [], models: [], disabled: false }

let org = ''
beforeEach(async () => {
  org = await newOrganization()
})

const newKey = (limits: KeyLimits | null) =>
  createApiKey(writer(), org, { name: 'application', ...FREE, limits })

const ask = (leaseId: string, units: KeyLimits, more: Partial<Ask> = {}): Ask => ({
  leaseId,
  need: units,
  want: units,
  settled: [],
  owed: {},
  held: [],
  ...more,
})

const lend = (apiKeyId: string, wanted: Ask): Promise<Terms> =>
  borrow(testEnv(), { organizationId: org, apiKeyId }, wanted)

const recordInKv = async (key: string): Promise<unknown> =>
  env.KEYWAY.get(`key/${await hashSecret(key)}`, 'json')

describe('the limits of an API key', () => {
  test('are in its record where there are some, and in all of its hashes', async () => {
    const limits = { requests_per_minute: 5, concurrent_requests: 2 }
    const { id, key, limits: told } = await newKey(limits)
    expect(told).toEqual(limits)
    expect(await recordInKv(key)).toMatchObject({ id, limits })
    const rotated = await rotateApiKey(writer(), { organizationId: org, id }, 3600)
    for (const one of [key, rotated.key]) expect(await recordInKv(one)).toMatchObject({ limits })
  })

  test.each([null, undefined])('are not in its record where there are none: %s', async (none) => {
    const { key, limits } = await createApiKey(writer(), org, {
      name: 'application',
      ...FREE,
      ...(none === undefined ? {} : { limits: none }),
    })
    expect(limits).toBeNull()
    expect(Object.keys((await recordInKv(key)) ?? {})).not.toContain('limits')
  })

  test('are replaced whole, and taken away by null', async () => {
    const { id, key } = await newKey({ requests_per_minute: 5 })
    const place = { organizationId: org, id }
    await updateApiKey(writer(), place, { limits: { tokens_per_minute: 7 } })
    expect(await recordInKv(key)).toMatchObject({ limits: { tokens_per_minute: 7 } })
    expect((await getApiKey(testEnv(), { organizationId: org, id })).limits).toEqual({
      tokens_per_minute: 7,
    })
    await updateApiKey(writer(), place, { limits: null })
    expect(Object.keys((await recordInKv(key)) ?? {})).not.toContain('limits')
    expect((await getApiKey(testEnv(), { organizationId: org, id })).limits).toBeNull()
  })
})

describe('the record lends', () => {
  test('as much as there is', async () => {
    const { id } = await newKey({ requests_per_minute: 2, concurrent_requests: 3 })
    const one = { requests_per_minute: 1, concurrent_requests: 1 }
    expect(await lend(id, ask('a', one))).toMatchObject({
      refusal: null,
      granted: one,
      left: { requests_per_minute: 1, concurrent_requests: 2 },
    })
    await lend(id, ask('b', one))
    expect(await lend(id, ask('c', one))).toMatchObject({
      refusal: { limit: 'requests_per_minute', retryAfterMs: 60_000 },
      granted: {},
      left: { requests_per_minute: 0, concurrent_requests: 1 },
    })
  })

  test('by the limits that the key has now, whatever the isolate has heard of them', async () => {
    const { id } = await newKey({ requests_per_minute: 1 })
    const one = { requests_per_minute: 1 }
    await lend(id, ask('a', one))
    const place = { organizationId: org, id }
    await updateApiKey(writer(), place, { limits: { requests_per_minute: 2 } })
    expect((await lend(id, ask('b', one))).granted).toEqual(one)
    expect((await lend(id, ask('c', one))).refusal).not.toBeNull()
    await updateApiKey(writer(), place, { limits: null })
    expect(await lend(id, ask('d', one))).toMatchObject({ limits: {}, refusal: null, granted: one })
  })

  test('each API key its own', async () => {
    const keys = [
      await newKey({ requests_per_minute: 1 }),
      await newKey({ requests_per_minute: 1 }),
    ]
    for (const { id } of keys) {
      expect((await lend(id, ask('a', { requests_per_minute: 1 }))).refusal).toBeNull()
    }
  })

  test('nothing to what is not there', async () => {
    const { id } = await newKey({ requests_per_minute: 1 })
    const one = ask('a', { requests_per_minute: 1 })
    await lend(id, one)
    await deleteApiKey(writer(), { organizationId: org, id })
    await expect(lend(id, one)).rejects.toMatchObject({ code: 'not_found' })
    const rows = await runInDurableObject(recordOf(org), (_, { storage: { sql } }) =>
      sql.exec(`SELECT * FROM limit_ledgers`).toArray(),
    )
    expect(rows).toEqual([])
    await deleteOrganization(writer(), org)
    await expect(lend(id, one)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('a record that starts anew', () => {
  const one = { requests_per_minute: 1, tokens_per_minute: 60, concurrent_requests: 1 }
  const limits = { requests_per_minute: 2, tokens_per_minute: 150, concurrent_requests: 2 }

  test('knows what it has lent', async () => {
    const { id } = await newKey(limits)
    for (const leaseId of ['a', 'b']) {
      expect((await lend(id, ask(leaseId, one))).refusal).toBeNull()
      await evictDurableObject(recordOf(org))
    }
    const { left } = await lend(id, ask('c', {}))
    expect(left).toEqual({ requests_per_minute: 0, tokens_per_minute: 30, concurrent_requests: 0 })
    for (const name of [
      'requests_per_minute',
      'tokens_per_minute',
      'concurrent_requests',
    ] as const) {
      const { refusal } = await lend(id, ask('d', { [name]: one[name] }))
      expect(refusal?.limit).toBe(name)
    }
  })

  test('knows what is owed, and which requests are still in flight', async () => {
    const { id } = await newKey(limits)
    await lend(id, ask('a', one))
    const nothing = ask('', {})
    await lend(id, {
      ...nothing,
      owed: { tokens_per_minute: 500 },
      held: [{ leaseId: 'a', places: 1 }],
    })
    await evictDurableObject(recordOf(org))
    expect((await lend(id, nothing)).left).toMatchObject({
      tokens_per_minute: -410,
      concurrent_requests: 1,
    })
  })

  test('takes for spent what was only given back since it last lent something', async () => {
    const { id } = await newKey(limits)
    await lend(id, ask('a', one))
    const settled = [
      { limit: 'requests_per_minute', leaseId: 'a', spent: 0, lastSpentAgoMs: 0 },
    ] as const
    const back = { ...ask('', {}), settled }
    expect((await lend(id, back)).left.requests_per_minute).toBe(2)
    await evictDurableObject(recordOf(org))
    expect((await lend(id, ask('', {}))).left.requests_per_minute).toBe(1)
    expect((await lend(id, back)).left.requests_per_minute).toBe(2)
  })

  test('has forgotten it all when its time is over', async () => {
    const { id } = await newKey(limits)
    const left = await runInDurableObject(recordOf(org), (_, { storage: { sql } }) => {
      const start = Date.now()
      const first = limitLedgersOf(sql)
      for (const leaseId of ['a', 'b']) first.lend(id, ask(leaseId, one), start)
      return [29_999, 30_000, 69_999, 70_000].map(
        (later) => limitLedgersOf(sql).lend(id, ask('', {}), start + later)?.left,
      )
    })
    expect(left).toEqual([
      { requests_per_minute: 0, tokens_per_minute: 30, concurrent_requests: 0 },
      { requests_per_minute: 0, tokens_per_minute: 30, concurrent_requests: 2 },
      { requests_per_minute: 0, tokens_per_minute: 30, concurrent_requests: 2 },
      { requests_per_minute: 2, tokens_per_minute: 150, concurrent_requests: 2 },
    ])
  })
})
