import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, test } from 'vitest'
import { alarmOf } from '../../storage/outbox-world.ts'
import { dump, masterKey, recordOf, testEnv } from '../../storage/world.ts'
import { aProviderKey, create, listAll, newOrganization, send } from './client.ts'

let org = ''
let count = 0

beforeAll(async () => {
  org = await newOrganization()
})

const withKey = (key: string) => ({ headers: { 'idempotency-key': key } })
const newKey = (): string => `key-${(count += 1)}-${crypto.randomUUID()}`

const creations: readonly [string, unknown][] = [
  ['api-keys', { name: 'a' }],
  ['provider-keys', aProviderKey],
  ['tokens', { name: 'a', role: 'viewer' }],
  ['routes', { name: 'r', targets: [{ model: 'one/a' }] }],
  ['endpoints', { name: 'e', reach: 'connector' }],
]

describe('the same request with the same Idempotency-Key', () => {
  test.each(creations)('makes one of %s and gives the same answer', async (resource, body) => {
    const path = `/${org}/${resource}`
    const before = (await listAll(path, 100)).length
    const key = withKey(newKey())
    const answers = [await send('POST', path, body, key)]
    answers.push(...(await Promise.all([1, 2, 3].map(() => send('POST', path, body, key)))))
    for (const answer of answers) {
      expect([answer.status, answer.text]).toEqual([201, answers[0]?.text])
      expect(answer.headers.get('etag')).toBe(answers[0]?.headers.get('etag'))
    }
    expect(await listAll(path, 100)).toHaveLength(before + 1)
  })

  test('even when all of them come at once', async () => {
    const path = `/${org}/api-keys`
    const before = (await listAll(path, 100)).length
    const key = withKey(newKey())
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => send('POST', path, { name: 'many' }, key)),
    )
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(await listAll(path, 100)).toHaveLength(before + 1)
  })

  test('makes one organization', async () => {
    const key = withKey(newKey())
    const answers = await Promise.all([1, 2, 3].map(() => send('POST', '', { name: 'Once' }, key)))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers[0]?.status).toBe(201)
    const other = await send('POST', '', { name: 'Other' }, key)
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'idempotency_conflict' } } })
  })

  test('rotates once, and gives the same new key', async () => {
    const id = await create(`/${org}/api-keys`, { name: 'a' })
    const path = `/${org}/api-keys/${id}/rotate`
    const key = withKey(newKey())
    const first = await send('POST', path, { overlap_seconds: 60 }, key)
    const second = await send('POST', path, { overlap_seconds: 60 }, key)
    expect([second.status, second.text]).toEqual([200, first.text])
    expect(second.body['key']).toMatch(/^kw_/)
  })

  test('issues the same connector token, however its endpoint is reached since', async () => {
    const id = await create(`/${org}/endpoints`, { name: 'moved', reach: 'connector' })
    const path = `/${org}/endpoints/${id}/connector-token`
    const key = withKey(newKey())
    const first = await send('POST', path, undefined, key)
    const byUrl = { reach: 'url', base_url: 'https://models.example/v1' }
    expect((await send('PATCH', `/${org}/endpoints/${id}`, byUrl)).status).toBe(200)
    const second = await send('POST', path, undefined, key)
    expect([second.status, second.text]).toEqual([201, first.text])
    expect(await send('POST', path, undefined, withKey(newKey()))).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict', param: 'reach' } },
    })
  })

  test('keeps no secret for that: the rows hold neither the key nor the Idempotency-Key', async () => {
    const key = newKey()
    const { body } = await send('POST', `/${org}/api-keys`, { name: 'a' }, withKey(key))
    const rows = await runInDurableObject(recordOf(org), (_, state) => dump(state))
    expect(rows).not.toContain(String(body['key']))
    expect(rows).not.toContain(key)
  })

  test('gives no secret where the master key that it was derived with is gone', async () => {
    const key = withKey(newKey())
    await send('POST', `/${org}/api-keys`, { name: 'a' }, key)
    const env = testEnv({ MASTER_KEYS: masterKey('k2', 2) })
    const answer = await send('POST', `/${org}/api-keys`, { name: 'a' }, { ...key, env })
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'idempotency_conflict' } } })
  })

  test('is a new request a day later, and the record forgets the old answer by itself', async () => {
    const path = `/${org}/api-keys`
    const key = withKey(newKey())
    const first = await send('POST', path, { name: 'a' }, key)
    expect(await alarmOf(org)).not.toBeNull()
    await runInDurableObject(recordOf(org), (_, { storage: { sql } }) => {
      sql.exec(`UPDATE idempotency SET ends_at = '2099-11-20T12:00:00.000Z'`)
    })
    const second = await send('POST', path, { name: 'a' }, key)
    expect([second.status, second.body['id'] === first.body['id']]).toEqual([201, false])
    expect(second.body['key']).not.toBe(first.body['key'])
  })
})

describe('another request with the same Idempotency-Key', () => {
  test('is a conflict, and changes nothing', async () => {
    const key = withKey(newKey())
    await send('POST', `/${org}/api-keys`, { name: 'a' }, key)
    const before = (await listAll(`/${org}/api-keys`, 100)).length
    for (const [path, body] of [
      [`/${org}/api-keys`, { name: 'b' }],
      [`/${org}/provider-keys`, aProviderKey],
    ] as const) {
      const answer = await send('POST', path, body, key)
      expect(answer).toMatchObject({
        status: 409,
        body: { error: { code: 'idempotency_conflict' } },
      })
    }
    expect(await listAll(`/${org}/api-keys`, 100)).toHaveLength(before)
  })

  test('by somebody else is their own request', async () => {
    const { body } = await send('POST', `/${org}/tokens`, { name: 'x', role: 'owner' })
    const key = withKey(newKey())
    const mine = await send('POST', `/${org}/api-keys`, { name: 'a' }, key)
    const theirs = await send(
      'POST',
      `/${org}/api-keys`,
      { name: 'a' },
      { ...key, authorization: `Bearer ${String(body['token'])}` },
    )
    expect(theirs.status).toBe(201)
    expect(theirs.body['id']).not.toBe(mine.body['id'])
  })

  test('after one that was refused is simply carried out', async () => {
    const key = withKey(newKey())
    expect((await send('POST', `/${org}/api-keys`, { name: '' }, key)).status).toBe(400)
    expect((await send('POST', `/${org}/api-keys`, { name: 'a' }, key)).status).toBe(201)
  })
})

test.each(['', ' ', 'a b', 'ü', 'x'.repeat(256)])('the key %j is refused', async (key) => {
  const answer = await send('POST', `/${org}/api-keys`, { name: 'a' }, withKey(key))
  expect(answer).toMatchObject({ status: 400, body: { error: { param: 'Idempotency-Key' } } })
})
