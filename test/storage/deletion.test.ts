import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { changeOf } from '../../src/storage/organization/record-access.ts'
import { createApiKey } from '../../src/storage/resources/api-keys.ts'
import { deleteOrganization, listOrganizations } from '../../src/storage/resources/organizations.ts'
import { createProviderKey } from '../../src/storage/resources/provider-keys.ts'
import { alarmOf, anApiKey, aProviderKey, outboxOf, retryNow, sha256Hex } from './outbox-world.ts'
import { dump, kvEntries, newOrganization, recordOf, testEnv, writer } from './world.ts'

const context = writer()
const everything = { actor: null, action: null, resource: null, since: null, until: null }

afterEach(() => {
  vi.restoreAllMocks()
})

async function fullOrganization(): Promise<{ id: string; hash: string }> {
  const id = await newOrganization()
  const { key } = await createApiKey(context, id, anApiKey)
  await createProviderKey(context, id, aProviderKey('one'))
  await createProviderKey(context, id, aProviderKey('two', 100, 'bedrock'))
  return { id, hash: await sha256Hex(key) }
}

async function isListed(id: string): Promise<boolean> {
  const { items } = await listOrganizations(testEnv(), { after: 0, limit: 1000 })
  return items.some((item) => item.id === id)
}

describe('deleting an organization', () => {
  test('removes it from KV, from the directory and from the Durable Object', async () => {
    const { id, hash } = await fullOrganization()
    expect(Object.keys(await kvEntries(`org/${id}`))).toHaveLength(3)
    expect(await isListed(id)).toBe(true)
    await deleteOrganization(context, id)
    expect(await kvEntries(`org/${id}`)).toEqual({})
    expect(await env.KEYWAY.get(`key/${hash}`)).toBeNull()
    expect(await isListed(id)).toBe(false)
    expect(await runInDurableObject(recordOf(id), (_, state) => dump(state))).toBe('[]')
    expect(await alarmOf(id)).toBeNull()
  })

  test('is over for its users at once, even where KV could not follow yet', async () => {
    const { id, hash } = await fullOrganization()
    const remove = vi.spyOn(env.KEYWAY, 'delete').mockRejectedValue(new Error('KV DELETE failed'))
    await deleteOrganization(context, id)
    expect((await recordOf(id).get()).kind).toBe('unknown-organization')
    expect((await recordOf(id).delete(changeOf(context, 'delete'))).kind).toBe(
      'unknown-organization',
    )
    expect(await outboxOf(id)).toHaveLength(4)

    remove.mockRestore()
    await retryNow(id)
    expect(await kvEntries(`org/${id}`)).toEqual({})
    expect(await env.KEYWAY.get(`key/${hash}`)).toBeNull()
    expect(await runInDurableObject(recordOf(id), (_, state) => dump(state))).toBe('[]')
  })

  test('that owns more than one pass can publish goes on in the alarm', async () => {
    const id = await newOrganization()
    const made = Array.from({ length: 250 }, () => createApiKey(context, id, anApiKey))
    const [{ key } = { key: '' }] = await Promise.all(made)
    // What could not be published before the deletion is older than all that the deletion has to remove.
    const put = vi.spyOn(env.KEYWAY, 'put').mockRejectedValue(new Error('KV PUT failed: 500'))
    await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        createProviderKey(context, id, aProviderKey('one', 100, `p${at}`)),
      ),
    )
    put.mockRestore()
    const removed = vi.spyOn(env.KEYWAY, 'delete')
    await deleteOrganization(context, id)
    // Nobody gets in without the organization's record.
    expect(removed.mock.calls[0]).toEqual([`org/${id}`])
    expect(await isListed(id)).toBe(false)
    expect((await outboxOf(id)).length).toBeGreaterThan(0)
    while (await runDurableObjectAlarm(recordOf(id)));
    expect(await env.KEYWAY.get(`key/${await sha256Hex(key)}`)).toBeNull()
    expect(await kvEntries(`org/${id}`)).toEqual({})
    expect(await runInDurableObject(recordOf(id), (_, state) => dump(state))).toBe('[]')
  })
})

describe('an organization that was never made', () => {
  const id = 'org_NeverNeverNever0'

  test('is unknown to every question and change, and leaves nothing', async () => {
    const record = recordOf(id)
    const page = { after: 0, limit: 10 }
    const change = changeOf(context, 'create')
    const replies = [
      await record.get(),
      await record.update('{"name":"a"}', change),
      await record.delete(change),
      await record.insertOwned('api_key', '{"id":"key_1"}', change),
      await record.findOwned('api_key', 'key_1'),
      await record.listOwned('provider_key', page),
      await record.updateOwned('route', { id: 'rt_1', fields: '{}' }, change),
      await record.deleteOwned('endpoint', 'ep_1', change),
      await record.rotateApiKey('key_1', { hash: 'h', hint: 'h', validUntil: change.at }, change),
      await record.addConnectorToken('ep_1', { hash: 'h', hint: 'h', revokeOthers: false }, change),
      await record.findToken('h'),
      await record.sealedState('k1'),
      await record.replaceSealed([], change),
      await record.auditLog(everything, page),
    ]
    for (const { kind } of replies) expect(kind).toBe('unknown-organization')
    expect(await runInDurableObject(record, (_, state) => dump(state))).toBe('[]')
    expect(await alarmOf(id)).toBeNull()
    expect(await kvEntries(`org/${id}`)).toEqual({})
  })
})
