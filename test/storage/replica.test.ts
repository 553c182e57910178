import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Env, readSettings } from '../../src/storage/env.ts'
import { memoryOf } from '../../src/storage/replica/memory.ts'
import { replicaOf } from '../../src/storage/replica/replica.ts'
import { createApiKey, deleteApiKey } from '../../src/storage/resources/api-keys.ts'
import { deleteOrganization } from '../../src/storage/resources/organizations.ts'
import { createProviderKey, openCredential } from '../../src/storage/resources/provider-keys.ts'
import { hashSecret } from '../../src/storage/sealed/sha256.ts'
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
    expect(await replica.apiKey(await hashSecret(apiKey.key))).toMatchObject({
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
    const { replica, reads } = freshIsolate()
    const id = await newOrganization()
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
    const hash = await hashSecret(key)
    expect(await replica.apiKey(hash)).toBeDefined()
    await deleteApiKey(context, { organizationId: id, id: keyId })
    expect(await replica.apiKey(hash)).toBeUndefined()
  })

  test('a deleted organization', async () => {
    const { replica, context } = freshIsolate()
    const id = await newOrganization('Acme', context)
    const { key } = await createApiKey(context, id, anApiKey)
    const hash = await hashSecret(key)
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

/** An isolate whose KV gives what it is told to; `reads` are the names it was asked for. */
function toldIsolate(answer: (name: string, reading: number) => Promise<string | null>) {
  const reads: string[] = []
  const KEYWAY = new Proxy(env.KEYWAY, {
    get: (kv, member) =>
      member === 'get' ? (name: string) => answer(name, reads.push(name)) : Reflect.get(kv, member),
  })
  return { KEYWAY, reads, replica: replicaOf(testEnv({ KEYWAY })) }
}

const keysOf = (characters: number) =>
  JSON.stringify({ keys: [{ id: 'pk_1', sealed: 'x'.repeat(characters) }] })
const UNREADABLE = { code: 'unavailable', status: 503, details: { retryAfterSeconds: 5 } }
const failing = () => Promise.reject(new Error('KV GET failed: canary'))

describe('what an isolate remembers is bounded', () => {
  test('by its characters: what was read longest ago goes', async () => {
    const { replica, reads } = toldIsolate(() => Promise.resolve(keysOf(4_000_000)))
    for (const id of ['a', 'b', 'c', 'd', 'c', 'a']) await replica.providerKeys(id, 'openai')
    expect(reads.map((name) => name.at(4))).toEqual(['a', 'b', 'c', 'd', 'a'])
  })

  test('and by time: what has ended goes when something else is read', async () => {
    const { KEYWAY, replica } = toldIsolate(() => Promise.resolve(keysOf(1)))
    vi.useFakeTimers({ toFake: ['Date'] })
    for (const id of ['a', 'b', 'c']) await replica.providerKeys(id, 'openai')
    vi.setSystemTime(Date.now() + 150_000)
    await replica.providerKeys('d', 'openai')
    expect(memoryOf(KEYWAY).providerKeys.size).toBe(1)
  })
})

describe('where KV still gives what was before a change', () => {
  test('it is asked again after five seconds, for two minutes', async () => {
    const { replica, reads } = toldIsolate(() => Promise.resolve(keysOf(1)))
    vi.useFakeTimers({ toFake: ['Date'] })
    replica.forget('a')
    await replica.providerKeys('a', 'openai')
    vi.setSystemTime(Date.now() + 4_900)
    await replica.providerKeys('a', 'openai')
    expect(reads).toHaveLength(1)
    vi.setSystemTime(Date.now() + 200)
    await replica.providerKeys('a', 'openai')
    expect(reads).toHaveLength(2)
    vi.setSystemTime(Date.now() + 115_000)
    await replica.providerKeys('a', 'openai')
    vi.setSystemTime(Date.now() + 29_900)
    await replica.providerKeys('a', 'openai')
    expect(reads).toHaveLength(3)
  })
})

describe('a KV that fails', () => {
  test('is asked once more', async () => {
    const { replica, reads } = toldIsolate((_, reading) =>
      reading === 1 ? failing() : Promise.resolve(keysOf(1)),
    )
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    expect(await replica.providerKeys('a', 'openai')).toHaveLength(1)
    expect(reads).toHaveLength(2)
    // No timer outlives its reading.
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is an error that says nothing of what was read, and when to come again', async () => {
    const { replica } = toldIsolate(failing)
    const message = 'A stored record could not be read. Try again.'
    await expect(replica.apiKey('canary')).rejects.toMatchObject({ ...UNREADABLE, message })
  })

  test('holds nobody up when it does not answer', async () => {
    const { replica, reads } = toldIsolate(() => new Promise(() => undefined))
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const reading = replica.apiKey('canary').catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await reading).toMatchObject(UNREADABLE)
    expect(reads).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('leaves what was remembered for two minutes, and then nothing', async () => {
    const { replica, reads } = toldIsolate((_, reading) =>
      reading === 1 ? Promise.resolve(keysOf(1)) : failing(),
    )
    vi.useFakeTimers({ toFake: ['Date'] })
    const [key] = await replica.providerKeys('a', 'openai')
    vi.setSystemTime(Date.now() + 31_000)
    // The same object, so that what was opened of it stays open; and not every call waits for KV.
    expect((await replica.providerKeys('a', 'openai'))[0]).toBe(key)
    expect((await replica.providerKeys('a', 'openai'))[0]).toBe(key)
    expect(reads).toHaveLength(3)
    vi.setSystemTime(Date.now() + 118_000)
    expect((await replica.providerKeys('a', 'openai'))[0]).toBe(key)
    vi.setSystemTime(Date.now() + 1_000)
    await expect(replica.providerKeys('a', 'openai')).rejects.toMatchObject(UNREADABLE)
  })

  test('leaves nothing of what changed here, or is gone', async () => {
    const answers = [keysOf(1), keysOf(1), null]
    const { replica } = toldIsolate((_, reading) =>
      reading <= 3 ? Promise.resolve(answers[reading - 1] ?? null) : failing(),
    )
    vi.useFakeTimers({ toFake: ['Date'] })
    await replica.providerKeys('changed', 'openai')
    await replica.providerKeys('gone', 'openai')
    vi.setSystemTime(Date.now() + 31_000)
    expect(await replica.providerKeys('gone', 'openai')).toEqual([])
    vi.setSystemTime(Date.now() + 6_000)
    await expect(replica.providerKeys('gone', 'openai')).rejects.toMatchObject(UNREADABLE)
    replica.forget('changed')
    await expect(replica.providerKeys('changed', 'openai')).rejects.toMatchObject(UNREADABLE)
  })
})
