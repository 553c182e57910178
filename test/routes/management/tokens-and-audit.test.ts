import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { organizationOfToken } from '../../../src/core/token-format.ts'
import { dump, kvEntries, recordOf } from '../../storage/world.ts'
import { aProviderKey, create, newOrganization, send } from './client.ts'

const as = (token: unknown) => ({ authorization: `Bearer ${String(token)}` })

describe('a management token', () => {
  test('is shown once, works at once, and ends with its revocation', async () => {
    const org = await newOrganization()
    const made = await send('POST', `/${org}/tokens`, { name: 'ci', role: 'owner' })
    expect(made.status).toBe(201)
    const { token, ...shown } = made.body
    if (typeof token !== 'string') throw new Error('there is no token')
    expect(organizationOfToken('kwm_', token)).toBe(org)
    expect(shown).toEqual({
      id: expect.stringMatching(/^tok_[0-9A-Za-z]{16}$/),
      name: 'ci',
      role: 'owner',
      hint: token.slice(-4),
      created_at: '2099-11-20T12:00:00.000Z',
      created_by: 'admin',
      expires_at: null,
    })
    expect((await send('GET', `/${org}/tokens`)).body['data']).toEqual([shown])
    expect((await send('GET', `/${org}`, undefined, as(token))).status).toBe(200)
    const key = await send('POST', `/${org}/api-keys`, { name: 'a' }, as(token))
    expect(key.body['created_by']).toBe(shown['id'])

    const path = `/${org}/tokens/${String(shown['id'])}`
    expect((await send('DELETE', path, undefined, as(token))).status).toBe(204)
    expect(await send('GET', `/${org}`, undefined, as(token))).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_management_token' } },
    })
    expect((await send('DELETE', path)).status).toBe(404)
  })

  test('is nowhere in the clear', async () => {
    const org = await newOrganization()
    const { body } = await send('POST', `/${org}/tokens`, { name: 'ci', role: 'viewer' })
    const rows = await runInDurableObject(recordOf(org), (_, state) => dump(state))
    for (const text of [rows, JSON.stringify(await kvEntries())]) {
      expect(text).not.toContain(String(body['token']))
    }
  })

  test('that has expired is not one', async () => {
    const org = await newOrganization()
    const expires_at = '2099-11-20T12:00:01Z'
    const { body } = await send('POST', `/${org}/tokens`, { name: 'a', role: 'owner', expires_at })
    expect((await send('GET', `/${org}`, undefined, as(body['token']))).status).toBe(200)
    await runInDurableObject(recordOf(org), (_, { storage: { sql } }) => {
      sql.exec(`UPDATE tokens SET expires_at = '2099-11-20T12:00:00Z'`)
    })
    expect((await send('GET', `/${org}`, undefined, as(body['token']))).status).toBe(401)
  })

  test('of a deleted organization is not one', async () => {
    const org = await newOrganization()
    const { body } = await send('POST', `/${org}/tokens`, { name: 'a', role: 'owner' })
    await send('DELETE', `/${org}`)
    expect((await send('GET', `/${org}`, undefined, as(body['token']))).status).toBe(401)
  })

  test('lists its own organization alone', async () => {
    const org = await newOrganization()
    await newOrganization()
    const { body } = await send('POST', `/${org}/tokens`, { name: 'a', role: 'viewer' })
    const list = await send('GET', '', undefined, as(body['token']))
    expect(list.body).toMatchObject({ data: [{ id: org }], next_cursor: null })
  })

  test.each<[object, string]>([
    [{ role: 'canary' }, 'role'],
    [{ role: undefined }, 'role'],
    [{ role: ['owner'] }, 'role'],
    [{ name: '' }, 'name'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ canary: 1 }, 'canary'],
  ])('%j is refused', async (fields, param) => {
    const org = await newOrganization()
    const body = { name: 'a', role: 'owner', ...fields }
    const answer = await send('POST', `/${org}/tokens`, body)
    expect(answer).toMatchObject({ status: 400, body: { error: { param } } })
  })
})

describe('the audit log', () => {
  test('says who, what, when, from where, before and after, newest first', async () => {
    const org = await newOrganization()
    const { body: token } = await send('POST', `/${org}/tokens`, { name: 'ci', role: 'owner' })
    const headers = { 'cf-connecting-ip': '203.0.113.7', 'user-agent': 'a-script/1.0' }
    const by = { ...as(token['token']), headers }
    const key = await send('POST', `/${org}/provider-keys`, aProviderKey, by)
    const path = `/${org}/provider-keys/${String(key.body['id'])}`
    await send('PATCH', path, { priority: 7, provider_key: 'sk-canary-two-5566' }, by)
    await send('PATCH', path, {}, by)
    await send('DELETE', path, undefined, by)
    const { body, text } = await send('GET', `/${org}/audit-log`)
    const who = { actor: token['id'], ip: '203.0.113.7', user_agent: 'a-script/1.0' }
    const what = { resource: 'provider_key', resource_id: key.body['id'] }
    expect(body['data']).toMatchObject([
      { ...who, ...what, action: 'provider_key.delete', after: null },
      {
        ...who,
        ...what,
        action: 'provider_key.update',
        before: { priority: 100, hint: '0c2b' },
        after: { priority: 7, hint: '5566', provider_key: 'replaced' },
      },
      { ...who, ...what, action: 'provider_key.create', before: null, after: key.body },
      { actor: 'admin', action: 'token.create', ip: null, user_agent: null },
      { actor: 'admin', action: 'organization.create', resource_id: org },
    ])
    expect(text).not.toContain('canary')
    expect(text).not.toContain(String(token['token']))
  })

  test('is paged and filtered', async () => {
    const org = await newOrganization()
    const id = await create(`/${org}/api-keys`, { name: 'a' })
    for (const name of ['b', 'c', 'd']) await send('PATCH', `/${org}/api-keys/${id}`, { name })
    const count = async (query: string): Promise<number> => {
      const { status, body } = await send('GET', `/${org}/audit-log?${query}`)
      expect(status).toBe(200)
      return Array.isArray(body['data']) ? body['data'].length : -1
    }
    expect(await count('action=api_key.update')).toBe(3)
    expect(await count('resource=api_key')).toBe(4)
    expect(await count(`resource=${id}`)).toBe(4)
    expect(await count('actor=admin')).toBe(5)
    expect(await count('actor=tok_other')).toBe(0)
    expect(await count('since=2099-11-20T12:00:00Z')).toBe(5)
    expect(await count('since=2099-11-20T12:00:00.001Z')).toBe(0)
    expect(await count('until=2099-11-20T12:00:00Z')).toBe(0)
    expect(await count('until=2099-11-20T12:00:01Z')).toBe(5)
    const seen: unknown[] = []
    let cursor = ''
    do {
      const { body } = await send('GET', `/${org}/audit-log?limit=2${cursor}`)
      if (Array.isArray(body['data'])) seen.push(...body['data'])
      cursor = typeof body['next_cursor'] === 'string' ? `&cursor=${body['next_cursor']}` : ''
    } while (cursor !== '')
    expect(seen).toEqual((await send('GET', `/${org}/audit-log?limit=100`)).body['data'])
  })

  test.each(['since=canary', 'until=2026-01-01', 'actor=', 'colour=red', 'limit=0', 'cursor=x'])(
    '?%s is refused',
    async (query) => {
      const org = await newOrganization()
      const answer = await send('GET', `/${org}/audit-log?${query}`)
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
    },
  )

  test('cannot be edited or shortened, not even by storage itself', async () => {
    const org = await newOrganization()
    await runInDurableObject(recordOf(org), (_, { storage: { sql } }) => {
      expect(() => sql.exec(`UPDATE audit_log SET actor = 'someone else'`)).toThrow('append-only')
      expect(() => sql.exec(`DELETE FROM audit_log`)).toThrow('append-only')
    })
    for (const method of ['POST', 'PATCH', 'PUT', 'DELETE']) {
      expect((await send(method, `/${org}/audit-log`, {})).status).toBe(404)
    }
  })

  test('has no entry for what was refused', async () => {
    const org = await newOrganization()
    await send('POST', `/${org}/api-keys`, { name: '' })
    const id = await create(`/${org}/api-keys`, { name: 'a' })
    const stale = { headers: { 'if-match': '"999"' } }
    await send('PATCH', `/${org}/api-keys/${id}`, { name: 'b' }, stale)
    await send('DELETE', `/${org}/api-keys/${id}`, undefined, stale)
    expect((await send('GET', `/${org}/audit-log`)).body['data']).toHaveLength(2)
  })
})
