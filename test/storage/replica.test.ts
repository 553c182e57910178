import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readSettings } from '../../src/storage/env.ts'
import type { Env } from '../../src/storage/env.ts'
import { replicaOf } from '../../src/storage/replica/replica.ts'
import { createApiKey, deleteApiKey } from '../../src/storage/resources/api-keys.ts'
import { deleteOrganization } from '../../src/storage/resources/organizations.ts'
import { createProviderKey, openCredential } from '../../src/storage/resources/provider-keys.ts'
import { hashApiKey } from '../../src/storage/sealed/sha256.ts'
import { newOrganization, testEnv, writer } from './world.ts'

/** A binding of its own, so that each test is an isolate that has read nothing; it counts the reads. */
function freshIsolate(settings: Partial<Env> = {}) {
  const reads: string[] = []
  const KEYWAY = new Proxy(env.KEYWAY, {
    get(kv, member) {
      if (member === 'get') {
        return (name: string, options: KVNamespaceGetOptions<'json'>) => {
          reads.push(name)
          return kv.get(name, options)
        }
      }
      return Reflect.get(kv, member)
    },
  })
  const isolate = testEnv({ ...settings, KEYWAY })
  return { isolate, reads, replica: replicaOf(isolate), context: writer(isolate) }
}

/** An isolate whose readings see KV as it is when they begin, and end with `until`; `release` ends that. */
function slowIsolate(isolate: Env, until: Promise<void>): { slow: Env; release: () => void } {
  let isSlow = true
  const KEYWAY = new Proxy(isolate.KEYWAY, {
    get(kv, member) {
      if (member !== 'get') return Reflect.get(kv, member)
      return async (name: string, options: KVNamespaceGetOptions<'json'>) => {
        const end = isSlow ? until : undefined
        const found = await kv.get(name, options)
        await end
        return found
      }
    },
  })
  return { slow: { ...isolate, KEYWAY }, release: () => void (isSlow = false) }
}

const anApiKey = { name: 'app', expires_at: null, providers: [], models: [], disabled: false }
const aProviderKey = {
  provider: 'openai',
  credential: { kind: 'key', apiKey: 'sk-canary' },
  hint: null,
  name: 'one',
  api_key_ids: [],
  priority: 100,
  models: [],
  disabled: false,
  settings: {},
} as const

afterEach(() => {
  vi.useRealTimers()
})

describe('the replica', () => {
  test('gives what was stored, and a credential that opens', async () => {
    const { isolate, replica, context } = freshIsolate()
    const id = await newOrganization('Acme', context)
    const apiKey = await createApiKey(context, id, anApiKey)
    await createProviderKey(context, id, aProviderKey)
    expect(await replica.organization(id)).toEqual({ id, name: 'Acme', metering: 'universal' })
    expect(await replica.apiKey(await hashApiKey(apiKey.key))).toMatchObject({
      id: apiKey.id,
      organization_id: id,
    })
    const [key] = await replica.providerKeys(id, 'openai')
    if (!key) throw new Error('no key')
    const { masterKeys } = readSettings(isolate)
    expect(await openCredential(masterKeys, id, key)).toEqual({ kind: 'key', apiKey: 'sk-canary' })
    await expect(openCredential(masterKeys, 'org_0000000000000009', key)).rejects.toThrow(
      'could not be opened',
    )
    expect(await replica.providerKeys(id, 'azure')).toEqual([])
  })

  test('reads each record once while the isolate remembers it', async () => {
    const { replica, reads, context } = freshIsolate()
    const id = await newOrganization('Acme', context)
    for (let request = 0; request < 3; request++) {
      await Promise.all([
        replica.organization(id),
        replica.providerKeys(id, 'openai'),
        replica.apiKey('none'),
      ])
    }
    expect(reads.toSorted()).toEqual(['key/none', `org/${id}`, `org/${id}/openai`])
  })

  test('remembers a record for as long as it may, and a miss for five seconds', async () => {
    const { replica, reads, context } = freshIsolate()
    const id = await newOrganization('Acme', context)
    vi.useFakeTimers({ toFake: ['Date'] })
    await Promise.all([replica.organization(id), replica.apiKey('none')])
    vi.setSystemTime(Date.now() + 4_900)
    await Promise.all([replica.organization(id), replica.apiKey('none')])
    expect(reads).toHaveLength(2)
    vi.setSystemTime(Date.now() + 200)
    await Promise.all([replica.organization(id), replica.apiKey('none')])
    expect(reads).toEqual([`org/${id}`, 'key/none', 'key/none'])
    vi.setSystemTime(Date.now() + 30_000)
    await replica.organization(id)
    expect(reads.at(-1)).toBe(`org/${id}`)
    expect(reads).toHaveLength(4)
  })

  test('remembers nothing when the cache is off', async () => {
    const { replica, reads } = freshIsolate({ CREDENTIAL_CACHE_SECONDS: '0' })
    await replica.apiKey('none')
    await replica.apiKey('none')
    expect(reads).toHaveLength(2)
  })

  test('keeps what other organizations have when one changes', async () => {
    const { replica, reads, context } = freshIsolate()
    const [quiet, busy] = [
      await newOrganization('Quiet', context),
      await newOrganization('Busy', context),
    ]
    await Promise.all([replica.organization(quiet), replica.organization(busy)])
    await createApiKey(context, busy, anApiKey)
    reads.length = 0
    await Promise.all([replica.organization(quiet), replica.organization(busy)])
    expect(reads).toEqual([`org/${busy}`])
  })
})

describe('a management write is seen by the same isolate at once', () => {
  test('a new provider key, after a miss', async () => {
    const { replica, context } = freshIsolate()
    const id = await newOrganization('Acme', context)
    expect(await replica.providerKeys(id, 'openai')).toEqual([])
    await createProviderKey(context, id, aProviderKey)
    expect(await replica.providerKeys(id, 'openai')).toHaveLength(1)
  })

  test('a revoked API key, after a hit', async () => {
    const { replica, context } = freshIsolate()
    const id = await newOrganization('Acme', context)
    const { key, id: keyId } = await createApiKey(context, id, anApiKey)
    const hash = await hashApiKey(key)
    expect(await replica.apiKey(hash)).toBeDefined()
    await deleteApiKey(context, id, keyId)
    expect(await replica.apiKey(hash)).toBeUndefined()
  })

  test('a deleted organization', async () => {
    const { replica, context } = freshIsolate()
    const id = await newOrganization('Acme', context)
    const { key } = await createApiKey(context, id, anApiKey)
    const hash = await hashApiKey(key)
    await Promise.all([replica.organization(id), replica.apiKey(hash)])
    await deleteOrganization(context, id)
    expect(await replica.organization(id)).toBeUndefined()
    expect(await replica.apiKey(hash)).toBeUndefined()
  })

  test('even when a reading of the old state ends after the write', async () => {
    const { isolate, context } = freshIsolate()
    const id = await newOrganization('Acme', context)
    const held = Promise.withResolvers<void>()
    const { slow, release } = slowIsolate(isolate, held.promise)
    const replica = replicaOf(slow)
    const reading = replica.providerKeys(id, 'openai')
    release()
    await createProviderKey(writer(slow), id, aProviderKey)
    held.resolve()
    await reading
    expect(await replica.providerKeys(id, 'openai')).toHaveLength(1)
  })

  test('even when a reading of what is then deleted ends after the deletion', async () => {
    const { isolate, context } = freshIsolate()
    const id = await newOrganization('Acme', context)
    const held = Promise.withResolvers<void>()
    const { slow, release } = slowIsolate(isolate, held.promise)
    const replica = replicaOf(slow)
    const reading = replica.organization(id)
    release()
    await deleteOrganization(writer(slow), id)
    held.resolve()
    await reading
    expect(await replica.organization(id)).toBeUndefined()
  })
})

test('a KV that fails is an error that says nothing of what was read', async () => {
  const KEYWAY = new Proxy(env.KEYWAY, {
    get: (kv, member) =>
      member === 'get'
        ? () => Promise.reject(new Error('KV GET failed: canary'))
        : Reflect.get(kv, member),
  })
  const reading = replicaOf(testEnv({ KEYWAY })).apiKey('canary')
  await expect(reading).rejects.toMatchObject({
    code: 'internal_error',
    message: 'A stored record could not be read. Try again.',
  })
})
