import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createApiKey, deleteApiKey } from '../../src/storage/resources/api-keys.ts'
import { listAuditLog } from '../../src/storage/resources/audit-log.ts'
import {
  deleteOrganization,
  listOrganizations,
  republishOrganization,
} from '../../src/storage/resources/organizations.ts'
import { createProviderKey, deleteProviderKey } from '../../src/storage/resources/provider-keys.ts'
import { alarmOf, anApiKey, aProviderKey, outboxOf, retryNow, sha256Hex } from './outbox-world.ts'
import { dump, kvEntries, newOrganization, recordOf, testEnv, writer } from './world.ts'

const context = writer()

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a change', () => {
  test('is in KV when the call returns, with nothing left to do', async () => {
    const id = await newOrganization()
    const apiKey = await createApiKey(context, id, {
      ...anApiKey,
      expires_at: '2030-01-01T00:00:00Z',
      models: ['gpt-*'],
    })
    const hash = await sha256Hex(apiKey.key)
    expect(JSON.parse((await kvEntries('key/'))[`key/${hash}`] ?? '')).toEqual({
      id: apiKey.id,
      organization_id: id,
      disabled: false,
      expires_at: '2030-01-01T00:00:00.000Z',
      providers: [],
      models: ['gpt-*'],
    })
    expect(await outboxOf(id)).toEqual([])
    expect(await alarmOf(id)).toBeNull()
  })

  test('leaves no secret in KV or in the Durable Object', async () => {
    const id = await newOrganization()
    const { key } = await createApiKey(context, id, anApiKey)
    await createProviderKey(context, id, aProviderKey('one'))
    const kv = JSON.stringify(await kvEntries())
    const rows = await runInDurableObject(recordOf(id), (_, state) => dump(state))
    for (const text of [kv, rows]) {
      expect(text).toContain(id)
      expect(text).not.toContain('canary')
      expect(text).not.toContain(key)
    }
  })

  test('puts provider keys in the order in which they are to be tried', async () => {
    const id = await newOrganization()
    for (const [name, priority] of [
      ['late', 200],
      ['first', 0],
      ['second', 100],
      ['third', 100],
    ] as const) {
      await createProviderKey(context, id, aProviderKey(name, priority))
    }
    const names = await runInDurableObject(recordOf(id), (_, { storage: { sql } }) =>
      Object.fromEntries(
        sql
          .exec<{ id: string; name: string }>(`SELECT id, name FROM provider_keys`)
          .toArray()
          .map((row) => [row.id, row.name]),
      ),
    )
    const { keys } = (await env.KEYWAY.get<{ keys: { id: string }[] }>(
      `org/${id}/openai`,
      'json',
    )) ?? {
      keys: [],
    }
    expect(keys.map((key) => names[key.id])).toEqual(['first', 'second', 'third', 'late'])
  })

  test('that removes the last provider key removes the record', async () => {
    const id = await newOrganization()
    const { id: keyId } = await createProviderKey(context, id, aProviderKey('one'))
    expect(await env.KEYWAY.get(`org/${id}/openai`)).not.toBeNull()
    await deleteProviderKey(context, { organizationId: id, id: keyId })
    expect(await env.KEYWAY.get(`org/${id}/openai`)).toBeNull()
  })

  test('of many at once ends with all of them in KV', async () => {
    const id = await newOrganization()
    const names = Array.from({ length: 20 }, (_, index) => `key ${index}`)
    await Promise.all(names.map((name) => createProviderKey(context, id, aProviderKey(name))))
    const record = await env.KEYWAY.get<{ keys: unknown[] }>(`org/${id}/openai`, 'json')
    expect(record?.keys).toHaveLength(20)
    expect(await outboxOf(id)).toEqual([])
  })
})

test('what many changes make out of date is written six at a time', async () => {
  const id = await newOrganization()
  const put = vi.spyOn(env.KEYWAY, 'put').mockRejectedValue(new Error('KV PUT failed: 500'))
  const providers = Array.from({ length: 20 }, (_, at) => `p${at}`)
  await Promise.all(
    providers.map((provider) => createProviderKey(context, id, aProviderKey('one', 1, provider))),
  )
  const write = Promise.withResolvers<void>()
  put.mockReset().mockImplementation(() => write.promise)
  const retried = retryNow(id)
  await vi.waitFor(() => expect(put).toHaveBeenCalled())
  await runInDurableObject(recordOf(id), () => undefined)
  expect(put).toHaveBeenCalledTimes(6)
  write.resolve()
  await retried
  expect(put).toHaveBeenCalledTimes(20)
  expect(await outboxOf(id)).toEqual([])
})

test('a change does not queue behind what is only written once more', async () => {
  const id = await newOrganization()
  const keys = await Promise.all(
    Array.from({ length: 20 }, () => createApiKey(context, id, anApiKey)),
  )
  const write = Promise.withResolvers<void>()
  const put = vi.spyOn(env.KEYWAY, 'put').mockImplementation(() => write.promise)
  const remove = vi.spyOn(env.KEYWAY, 'delete')
  const republished = republishOrganization(context, id)
  await vi.waitFor(() => expect(put).toHaveBeenCalledTimes(6))
  expect(put.mock.calls[0]?.[0]).toBe(`org/${id}`)
  const targets = await Promise.all(keys.map(async ({ key }) => `key/${await sha256Hex(key)}`))
  const last = targets.findLastIndex((target) => put.mock.calls.every(([key]) => key !== target))
  const revoked = deleteApiKey(context, { organizationId: id, id: keys[last]?.id ?? '' })
  await vi.waitFor(async () =>
    expect(await outboxOf(id)).toContainEqual({ target: targets[last], version: 2, attempts: 0 }),
  )
  // A republication on top of a change does not make it wait.
  const again = republishOrganization(context, id)
  remove.mockImplementation(() => {
    expect(put).toHaveBeenCalledTimes(6)
    return Promise.resolve()
  })
  await vi.waitFor(async () =>
    expect(await outboxOf(id)).toContainEqual({ target: `org/${id}`, version: 2, attempts: 0 }),
  )
  write.resolve()
  await Promise.all([republished, revoked, again])
  expect(remove).toHaveBeenCalledExactlyOnceWith(targets[last])
  expect(await outboxOf(id)).toEqual([])
})

describe('when KV does not answer', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('a change is answered all the same, and what comes after is published', async () => {
    const id = await newOrganization()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let arrive = (): void => undefined
    const put = vi.spyOn(env.KEYWAY, 'put').mockImplementationOnce(() => {
      const stuck = Promise.withResolvers<void>()
      arrive = stuck.resolve
      return stuck.promise
    })
    const first = createProviderKey(context, id, aProviderKey('one'))
    await untilTimers(2)
    const second = createApiKey(context, id, anApiKey)
    await untilTimers(3)
    await within(id, () => vi.advanceTimersByTime(5_000))
    await first
    const { key } = await second
    expect(put).toHaveBeenCalledTimes(1)

    await within(id, () => vi.advanceTimersByTime(15_000))
    await untilOutboxIs(id, [{ target: `org/${id}/openai`, version: 1, attempts: 1 }])
    expect(await env.KEYWAY.get(`key/${await sha256Hex(key)}`)).not.toBeNull()

    await retryNow(id)
    await untilOutboxIs(id, [])
    // It arrives after all, and may be older than what was published meanwhile.
    await within(id, arrive)
    await untilOutboxIs(id, [{ target: `org/${id}/openai`, version: 1, attempts: 0 }])
    await retryNow(id)
    expect(await outboxOf(id)).toEqual([])
  })

  test('what arrives when its organization is gone is taken away again', async () => {
    const id = await newOrganization()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let arrive = (): void => undefined
    const put = vi.spyOn(env.KEYWAY, 'put').mockImplementationOnce(() => {
      const stuck = Promise.withResolvers<void>()
      arrive = stuck.resolve
      return stuck.promise
    })
    const made = createApiKey(context, id, anApiKey)
    await untilTimers(2)
    await within(id, () => vi.advanceTimersByTime(15_000))
    const { key } = await made
    const target = `key/${await sha256Hex(key)}`
    await untilOutboxIs(id, [{ target, version: 1, attempts: 1 }])
    await deleteOrganization(context, id)
    expect(await runInDurableObject(recordOf(id), (_, state) => dump(state))).toBe('[]')

    put.mockRestore()
    await env.KEYWAY.put(target, 'a working key')
    await within(id, arrive)
    while ((await env.KEYWAY.get(target)) !== null) await hop()
    expect(await runInDurableObject(recordOf(id), (_, state) => dump(state))).toBe('[]')
  })
})

/** Timers are set behind hops between objects, which take as long as they take. */
async function untilTimers(count: number): Promise<void> {
  while (vi.getTimerCount() < count) await hop()
}

async function untilOutboxIs(id: string, waiting: unknown[]): Promise<void> {
  while (JSON.stringify(await outboxOf(id)) !== JSON.stringify(waiting)) await hop()
}

/** What belongs to an object is done within it. */
async function within(id: string, act: () => unknown): Promise<void> {
  await runInDurableObject(recordOf(id), () => void act())
}

/** A way to another object and back. */
async function hop(): Promise<void> {
  await env.KEYWAY.get('nothing')
}

describe('when KV fails', () => {
  test('the change is kept, and the alarm publishes it', async () => {
    const id = await newOrganization()
    const put = vi.spyOn(env.KEYWAY, 'put').mockRejectedValue(new Error('KV PUT failed: 429'))
    const { key, id: keyId } = await createApiKey(context, id, anApiKey)
    const target = `key/${await sha256Hex(key)}`
    expect(await env.KEYWAY.get(target)).toBeNull()
    expect(await outboxOf(id)).toEqual([{ target, version: 1, attempts: 1 }])
    expect(await alarmOf(id)).not.toBeNull()

    put.mockRestore()
    expect(await retryNow(id)).toBe(true)
    expect(JSON.parse((await env.KEYWAY.get(target)) ?? '')).toMatchObject({ id: keyId })
    expect(await outboxOf(id)).toEqual([])
    expect(await alarmOf(id)).toBeNull()
  })

  test('each attempt waits longer than the one before, up to a minute', async () => {
    const id = await newOrganization()
    vi.spyOn(env.KEYWAY, 'put').mockRejectedValue(new Error('KV PUT failed: 500'))
    await createApiKey(context, id, anApiKey)
    const waits = []
    for (let attempt = 0; attempt < 8; attempt++) {
      const dueMs = await runInDurableObject(
        recordOf(id),
        (_, { storage: { sql } }) =>
          sql.exec<{ due_ms: number }>(`SELECT due_ms FROM outbox`).one().due_ms,
      )
      waits.push(Math.ceil((dueMs - Date.now()) / 1000))
      expect(Math.abs(((await alarmOf(id)) ?? 0) - dueMs)).toBeLessThan(400)
      await retryNow(id)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  })

  test('a change on top of one that waits is one write of the newest state', async () => {
    const id = await newOrganization()
    const put = vi.spyOn(env.KEYWAY, 'put').mockRejectedValue(new Error('KV PUT failed: 500'))
    const first = await createProviderKey(context, id, aProviderKey('one'))
    await createProviderKey(context, id, aProviderKey('two'))
    await deleteProviderKey(context, { organizationId: id, id: first.id })
    expect(await outboxOf(id)).toEqual([{ target: `org/${id}/openai`, version: 3, attempts: 1 }])
    put.mockReset()
    put.mockRestore()
    const puts = vi.spyOn(env.KEYWAY, 'put')
    await retryNow(id)
    expect(puts).toHaveBeenCalledTimes(1)
    const record = await env.KEYWAY.get<{ keys: unknown[] }>(`org/${id}/openai`, 'json')
    expect(record?.keys).toHaveLength(1)
  })

  test('the next change does not wait for the retries of the one before', async () => {
    const id = await newOrganization()
    const put = vi.spyOn(env.KEYWAY, 'put').mockRejectedValue(new Error('KV PUT failed: 500'))
    await createProviderKey(context, id, aProviderKey('one'))
    put.mockRestore()
    await createProviderKey(context, id, aProviderKey('two'))
    const record = await env.KEYWAY.get<{ keys: unknown[] }>(`org/${id}/openai`, 'json')
    expect(record?.keys).toHaveLength(2)
    expect(await outboxOf(id)).toEqual([])
  })

  test('a crash between commit and publication loses nothing', async () => {
    const id = await newOrganization()
    const put = vi.spyOn(env.KEYWAY, 'put').mockRejectedValue(new Error('the object is going away'))
    const { key } = await createApiKey(context, id, anApiKey)
    await evictDurableObject(recordOf(id))
    put.mockRestore()
    await retryNow(id)
    expect(await env.KEYWAY.get(`key/${await sha256Hex(key)}`)).not.toBeNull()
  })

  test('the alarm is set before the first put is tried', async () => {
    const id = await newOrganization()
    const held = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    vi.spyOn(env.KEYWAY, 'put').mockImplementation(() => {
      started.resolve()
      return held.promise
    })
    const created = createApiKey(context, id, anApiKey)
    await started.promise
    expect(await alarmOf(id)).not.toBeNull()
    held.resolve()
    await created
  })

  test('what changes while its put is on the way is put again', async () => {
    const id = await newOrganization()
    const held = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const values: unknown[] = []
    vi.spyOn(env.KEYWAY, 'put').mockImplementation(async (_, value) => {
      values.push(typeof value === 'string' ? JSON.parse(value) : value)
      started.resolve()
      await held.promise
    })
    const first = createProviderKey(context, id, aProviderKey('one'))
    await started.promise
    const second = createProviderKey(context, id, aProviderKey('two'))
    await vi.waitFor(async () => expect(await outboxOf(id)).toMatchObject([{ version: 2 }]))
    expect(values).toHaveLength(1)
    held.resolve()
    await Promise.all([first, second])
    expect(values).toMatchObject([
      { keys: [{ priority: 100 }] },
      { keys: [{ priority: 100 }, { priority: 100 }] },
    ])
    expect(await outboxOf(id)).toEqual([])
  })

  test('a revocation that could not be published is tried until it is', async () => {
    const id = await newOrganization()
    const { key, id: keyId } = await createApiKey(context, id, anApiKey)
    const remove = vi.spyOn(env.KEYWAY, 'delete').mockRejectedValue(new Error('KV DELETE failed'))
    await deleteApiKey(context, { organizationId: id, id: keyId })
    expect(await outboxOf(id)).toHaveLength(1)
    remove.mockRestore()
    await retryNow(id)
    expect(await env.KEYWAY.get(`key/${await sha256Hex(key)}`)).toBeNull()
  })

  test('a directory that fails is told later', async () => {
    const directory = vi.spyOn(env.DIRECTORY, 'getByName').mockImplementation(() => {
      throw new Error('the directory is away')
    })
    const id = await newOrganization()
    directory.mockRestore()
    expect(await outboxOf(id)).toEqual([{ target: 'directory', version: 1, attempts: 1 }])
    await retryNow(id)
    expect(await outboxOf(id)).toEqual([])
    const { items } = await listOrganizations(testEnv(), { after: 0, limit: 1000 })
    expect(items.filter((item) => item.id === id)).toHaveLength(1)
  })
})

test('everything is written once more on demand, and that is written down', async () => {
  const id = await newOrganization()
  await createApiKey(context, id, anApiKey)
  await createProviderKey(context, id, aProviderKey('one'))
  await createProviderKey(context, id, aProviderKey('two', 100, 'bedrock'))
  const ours = async () =>
    Object.fromEntries(Object.entries(await kvEntries()).filter(([, text]) => text.includes(id)))
  const before = { ...(await kvEntries(`org/${id}`)), ...(await ours()) }
  expect(Object.keys(before)).toHaveLength(4)
  await Promise.all(Object.keys(before).map((key) => env.KEYWAY.delete(key)))

  expect(await republishOrganization(context, id)).toEqual({ republished: 4 })
  expect({ ...(await kvEntries(`org/${id}`)), ...(await ours()) }).toEqual(before)
  const filter = { actor: null, action: null, resource: null, since: null, until: null }
  const page = { after: 0, limit: 1 }
  const { items } = await listAuditLog(testEnv(), { organizationId: id, filter }, page)
  expect(items[0]).toMatchObject({ action: 'organization.republish', after: { republished: 4 } })
})
