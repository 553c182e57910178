import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { organizationOfApiKey } from '../../../src/core/api-key-format.ts'
import { replicaOf } from '../../../src/storage/replica/replica.ts'
import { hashSecret } from '../../../src/storage/sealed/sha256.ts'
import { dump, kvEntries, recordOf, testEnv } from '../../storage/world.ts'
import { aProviderKey, create, listAll, newOrganization, send } from './client.ts'

const created_at = '2099-11-20T12:00:00.000Z'

describe('an organization', () => {
  test('is made, read, listed and deleted', async () => {
    const made = await send('POST', '', { name: '  Acme  ' })
    expect(made.status).toBe(201)
    expect(made.headers.get('x-keyway-request-id')).toMatch(/^req_/)
    const id = String(made.body['id'])
    expect(id).toMatch(/^org_[0-9A-Za-z]{16}$/)
    const organization = { id, name: 'Acme', metering: 'universal', created_at }
    expect(made.body).toEqual(organization)

    expect(await send('GET', `/${id}`)).toMatchObject({ status: 200, body: organization })
    expect(await listAll('', 100)).toContainEqual(organization)

    const deleted = await send('DELETE', `/${id}`)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
    expect((await send('GET', `/${id}`)).status).toBe(404)
    expect((await send('DELETE', `/${id}`)).status).toBe(404)
    expect(await listAll('', 100)).not.toContainEqual(organization)
  })

  test.each(['universal', 'all', 'off'])('may have its metering set to %s', async (metering) => {
    const { body } = await send('POST', '', { name: 'Acme', metering })
    expect(body['metering']).toBe(metering)
    expect(await replicaOf(testEnv()).organization(String(body['id']))).toMatchObject({ metering })
  })
})

describe('an API key', () => {
  test('is shown once, works at once, and stops working when it is deleted', async () => {
    const org = await newOrganization()
    const made = await send('POST', `/${org}/api-keys`, { name: 'app' })
    expect(made.status).toBe(201)
    const { key, ...shown } = made.body
    if (typeof key !== 'string') throw new Error('there is no key')
    expect(organizationOfApiKey(key)).toBe(org)
    expect(shown).toEqual({
      id: expect.stringMatching(/^key_[0-9A-Za-z]{16}$/),
      name: 'app',
      hint: key.slice(-4),
      expires_at: null,
      providers: [],
      models: [],
      limits: null,
      disabled: false,
      created_at,
      created_by: 'admin',
      last_used_at: null,
    })
    const path = `/${org}/api-keys/${String(shown['id'])}`
    expect((await send('GET', path)).body).toEqual(shown)
    expect((await send('GET', `/${org}/api-keys`)).body).toEqual({
      data: [shown],
      next_cursor: null,
    })

    const hash = await hashSecret(key)
    expect(await replicaOf(testEnv()).apiKey(hash)).toMatchObject({ id: shown['id'] })
    expect((await send('DELETE', path)).status).toBe(204)
    expect(await replicaOf(testEnv()).apiKey(hash)).toBeUndefined()
    expect((await send('GET', path)).status).toBe(404)
    expect((await send('DELETE', path)).status).toBe(404)
  })

  test('keeps all that is said about it', async () => {
    const org = await newOrganization()
    const said = {
      name: 'Ünï 😀',
      expires_at: '2101-01-31T12:00:00Z',
      providers: ['one', 'two'],
      models: ['gpt-*', 'one/model-1'],
      limits: {
        requests_per_minute: 1_000_000,
        tokens_per_minute: 1_000_000_000,
        concurrent_requests: 10_000,
      },
      disabled: true,
    }
    const { status, body } = await send('POST', `/${org}/api-keys`, said)
    expect(status).toBe(201)
    expect(body).toMatchObject(said)
    expect((await send('GET', `/${org}/api-keys/${String(body['id'])}`)).body).toMatchObject(said)
  })

  test('may say null for no end', async () => {
    const org = await newOrganization()
    const { status, body } = await send('POST', `/${org}/api-keys`, { name: 'a', expires_at: null })
    expect([status, body['expires_at']]).toEqual([201, null])
  })
})

describe('a provider key', () => {
  test('is made, read, listed and deleted', async () => {
    const org = await newOrganization()
    const made = await send('POST', `/${org}/provider-keys`, aProviderKey)
    expect(made.status).toBe(201)
    const shown = {
      id: expect.stringMatching(/^pk_[0-9A-Za-z]{16}$/),
      provider: 'one',
      name: 'Production',
      created_at,
      created_by: 'admin',
      api_key_ids: [],
      priority: 100,
      models: [],
      disabled: false,
      hint: '0c2b',
      source: null,
      settings: {},
      updated_at: created_at,
      last_used_at: null,
      last_error: null,
      health: null,
    }
    expect(made.body).toEqual(shown)
    const path = `/${org}/provider-keys/${String(made.body['id'])}`
    expect((await send('GET', path)).body).toEqual(made.body)
    expect(await listAll(`/${org}/provider-keys`, 10)).toEqual([made.body])
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await send('GET', path)).status).toBe(404)
    expect((await send('DELETE', path)).status).toBe(404)
    expect(await replicaOf(testEnv()).providerKeys(org, 'one')).toEqual([])
  })

  test('keeps all that is said about it', async () => {
    const org = await newOrganization()
    const apiKey = await create(`/${org}/api-keys`, { name: 'app' })
    const said = {
      provider: 'two',
      name: 'n',
      api_key_ids: [apiKey],
      priority: 0,
      models: ['model-*'],
      disabled: true,
      settings: { base_url: 'https://eu.two.example' },
    }
    const { status, body } = await send('POST', `/${org}/provider-keys`, {
      ...said,
      provider_key: 'secret',
    })
    expect(status).toBe(201)
    expect(body).toMatchObject(said)
    const [record] = await replicaOf(testEnv()).providerKeys(org, 'two')
    const { provider: _, name: __, ...used } = said
    expect(record).toMatchObject(used)
  })

  test('whose API key was deleted does not become the whole organization’s', async () => {
    const org = await newOrganization()
    const apiKey = await create(`/${org}/api-keys`, { name: 'app' })
    await create(`/${org}/provider-keys`, { ...aProviderKey, api_key_ids: [apiKey] })
    await send('DELETE', `/${org}/api-keys/${apiKey}`)
    const [record] = await replicaOf(testEnv()).providerKeys(org, 'one')
    expect(record?.api_key_ids).toEqual([apiKey])
  })

  test('leaves its secret in no answer, no KV value and no row', async () => {
    const org = await newOrganization()
    const made = await send('POST', `/${org}/provider-keys`, aProviderKey)
    const texts = [
      made.text,
      (await send('GET', `/${org}/provider-keys`)).text,
      (await send('GET', `/${org}/provider-keys/${String(made.body['id'])}`)).text,
      JSON.stringify(await kvEntries()),
      await runInDurableObject(recordOf(org), (_, state) => dump(state)),
    ]
    for (const text of texts) {
      expect(text).toContain('pk_')
      expect(text).not.toContain('canary')
      expect(text).not.toContain(btoa('canary').slice(0, 6))
    }
  })
})

describe('lists', () => {
  test.each([1, 3, 7, 100])('are whole and in order, %i at a time', async (limit) => {
    const org = await newOrganization()
    const ids = []
    for (let index = 0; index < 7; index++) {
      ids.push(await create(`/${org}/api-keys`, { name: `key ${index}` }))
    }
    expect((await listAll(`/${org}/api-keys`, limit)).map(({ id }) => id)).toEqual(ids)
  })

  test('hold twenty where nothing is said, and end with null', async () => {
    const org = await newOrganization()
    for (let index = 0; index < 21; index++) {
      await create(`/${org}/provider-keys`, { ...aProviderKey, name: `key ${index}` })
    }
    const first = await send('GET', `/${org}/provider-keys`)
    expect(first.body['data']).toHaveLength(20)
    const rest = await send(
      'GET',
      `/${org}/provider-keys?cursor=${String(first.body['next_cursor'])}`,
    )
    expect(rest.body['data']).toHaveLength(1)
    expect(rest.body['next_cursor']).toBeNull()
  })

  test('neither repeat nor skip what is there when entries come and go between pages', async () => {
    const org = await newOrganization()
    const path = `/${org}/api-keys`
    const ids = []
    for (let index = 0; index < 4; index++) ids.push(await create(path, { name: `key ${index}` }))
    const { body } = await send('GET', `${path}?limit=2`)
    await send('DELETE', `${path}/${ids[0]}`)
    await send('DELETE', `${path}/${ids[1]}`)
    const late = await create(path, { name: 'late' })
    const rest = await send('GET', `${path}?limit=10&cursor=${String(body['next_cursor'])}`)
    expect(rest.body['data']).toMatchObject([{ id: ids[2] }, { id: ids[3] }, { id: late }])
  })
})

test('a write succeeds while KV is down: the record has it, KV follows', async () => {
  const org = await newOrganization()
  const put = vi.spyOn(env.KEYWAY, 'put').mockRejectedValue(new Error('KV PUT failed: 500'))
  const made = await send('POST', `/${org}/api-keys`, { name: 'app' })
  put.mockRestore()
  expect(made.status).toBe(201)
  expect(await listAll(`/${org}/api-keys`, 10)).toHaveLength(1)
})
