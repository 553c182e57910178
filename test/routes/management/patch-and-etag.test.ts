import { beforeAll, describe, expect, test } from 'vitest'
import { replicaOf } from '../../../src/storage/replica/replica.ts'
import { testEnv } from '../../storage/world.ts'
import { aProviderKey, create, newOrganization, send } from './client.ts'

let org = ''

beforeAll(async () => {
  org = await newOrganization()
})

const apiKey = {
  name: 'app',
  expires_at: '2101-01-31T12:00:00Z',
  providers: ['one'],
  models: ['gpt-*'],
  limits: { requests_per_minute: 5, concurrent_requests: 2 },
  disabled: false,
}

describe('PATCH changes what is named, and nothing else', () => {
  test.each<[string, object]>([
    ['name', { name: 'other' }],
    ['expires_at', { expires_at: '2102-01-31T12:00:00Z' }],
    ['expires_at cleared', { expires_at: null }],
    ['providers', { providers: ['two'] }],
    ['models emptied', { models: [] }],
    ['limits, which are replaced whole', { limits: { tokens_per_minute: 1 } }],
    ['limits cleared', { limits: null }],
    ['disabled', { disabled: true }],
    ['two at once', { name: 'x', models: ['a', 'b'] }],
    ['nothing', {}],
  ])('of an API key: %s', async (_, patch) => {
    const id = await create(`/${org}/api-keys`, apiKey)
    const path = `/${org}/api-keys/${id}`
    const before = (await send('GET', path)).body
    const answer = await send('PATCH', path, patch)
    expect(answer).toMatchObject({ status: 200, body: { ...before, ...patch } })
    expect((await send('GET', path)).body).toEqual({ ...before, ...patch })
  })

  test.each<[string, object]>([
    ['name', { name: 'other' }],
    ['priority', { priority: 0 }],
    ['models', { models: ['m-*'] }],
    ['disabled', { disabled: true }],
    ['settings', { settings: { base_url: 'https://eu.example' } }],
  ])('of a provider key: %s', async (_, patch) => {
    const id = await create(`/${org}/provider-keys`, aProviderKey)
    const path = `/${org}/provider-keys/${id}`
    const before = (await send('GET', path)).body
    expect((await send('PATCH', path, patch)).body).toEqual({ ...before, ...patch })
    const record = (await replicaOf(testEnv()).providerKeys(org, 'one')).find((k) => k.id === id)
    const { name: _name, ...seen } = { name: '', ...patch }
    expect(record).toMatchObject(seen)
  })

  test('of an organization, and the data plane sees it', async () => {
    const id = await newOrganization()
    const { status, body } = await send('PATCH', `/${id}`, { metering: 'all' })
    expect([status, body['name'], body['metering']]).toEqual([200, 'Acme', 'all'])
    expect(await replicaOf(testEnv()).organization(id)).toMatchObject({ metering: 'all' })
    const { body: list } = await send('GET', '?limit=100')
    expect(list['data']).toContainEqual(body)
  })

  test('a provider_key rotates in place: same id, new secret, in no answer', async () => {
    const id = await create(`/${org}/provider-keys`, aProviderKey)
    const path = `/${org}/provider-keys/${id}`
    const sealed = async (): Promise<string | undefined> =>
      (await replicaOf(testEnv()).providerKeys(org, 'one')).find((key) => key.id === id)?.sealed
    const old = await sealed()
    const answer = await send('PATCH', path, { provider_key: 'sk-canary-new-7788' })
    expect(answer).toMatchObject({ status: 200, body: { id, hint: '7788', name: 'Production' } })
    expect(answer.text).not.toContain('canary')
    expect(await sealed()).not.toBe(old)
  })

  test.each<[object | string, string]>([
    [{ name: null }, 'name'],
    [{ name: '' }, 'name'],
    [{ models: null }, 'models'],
    [{ disabled: 'yes' }, 'disabled'],
    [{ id: 'pk_0' }, 'id'],
    [{ provider: 'two' }, 'provider'],
    [{ created_by: 'me' }, 'created_by'],
    [{ provider_key: null }, 'provider_key'],
    [{ api_key_ids: ['key_0000000000000000'] }, 'api_key_ids[0]'],
    ['{"__proto__":1}', '__proto__'],
  ])('%j is refused and changes nothing', async (patch, param) => {
    const id = await create(`/${org}/provider-keys`, aProviderKey)
    const path = `/${org}/provider-keys/${id}`
    const before = await send('GET', path)
    const answer = await send('PATCH', path, patch)
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', param } },
    })
    const after = await send('GET', path)
    expect([after.body, after.headers.get('etag')]).toEqual([
      before.body,
      before.headers.get('etag'),
    ])
  })

  test('a provider key may go on naming an API key that was deleted since', async () => {
    const key = await create(`/${org}/api-keys`, { name: 'gone' })
    const body = { ...aProviderKey, api_key_ids: [key] }
    const id = await create(`/${org}/provider-keys`, body)
    await send('DELETE', `/${org}/api-keys/${key}`)
    const path = `/${org}/provider-keys/${id}`
    expect((await send('PATCH', path, { api_key_ids: [key], name: 'n' })).status).toBe(200)
  })
})

describe('ETag and If-Match', () => {
  const resources: readonly [string, () => Promise<string>][] = [
    ['an organization', async () => `/${await newOrganization()}`],
    ['an API key', async () => `/${org}/api-keys/${await create(`/${org}/api-keys`, apiKey)}`],
    [
      'a provider key',
      async () => `/${org}/provider-keys/${await create(`/${org}/provider-keys`, aProviderKey)}`,
    ],
  ]

  test.each(resources)('%s: the tag changes with a change, and only then', async (_, make) => {
    const path = await make()
    const tag = async (): Promise<string | null> => (await send('GET', path)).headers.get('etag')
    const first = await tag()
    expect(first).toMatch(/^"\d+"$/)
    expect((await send('PATCH', path, {})).headers.get('etag')).toBe(first)
    const changed = await send('PATCH', path, { name: 'b' })
    expect(changed.headers.get('etag')).not.toBe(first)
    expect(await tag()).toBe(changed.headers.get('etag'))
    expect((await send('PATCH', path, { name: 'b' })).headers.get('etag')).toBe(await tag())
  })

  test.each(resources)('%s: a stale tag is 412 for PATCH and DELETE', async (_, make) => {
    const path = await make()
    const stale = (await send('GET', path)).headers.get('etag') ?? ''
    const fresh = (await send('PATCH', path, { name: 'b' })).headers.get('etag') ?? ''
    for (const [method, body] of [
      ['PATCH', { name: 'c' }],
      ['DELETE', undefined],
    ] as const) {
      for (const tag of [stale, `W/${fresh}`, 'canary', '']) {
        const answer = await send(method, path, body, { headers: { 'if-match': tag } })
        expect(answer).toMatchObject({
          status: 412,
          body: { error: { code: 'precondition_failed' } },
        })
      }
    }
    expect((await send('GET', path)).body['name']).toBe('b')
    const both = { headers: { 'if-match': `${stale}, ${fresh}` } }
    expect((await send('PATCH', path, { name: 'c' }, both)).status).toBe(200)
    expect((await send('DELETE', path, undefined, { headers: { 'if-match': '*' } })).status).toBe(
      204,
    )
  })

  test('of twenty who change the same version at once, one does', async () => {
    const path = `/${org}/api-keys/${await create(`/${org}/api-keys`, apiKey)}`
    const tag = (await send('GET', path)).headers.get('etag') ?? ''
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        send('PATCH', path, { name: `n${index}` }, { headers: { 'if-match': tag } }),
      ),
    )
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 412)])
    const winner = answers.find(({ status }) => status === 200)
    expect((await send('GET', path)).body).toEqual(winner?.body)
  })
})
