import { describe, expect, test } from 'vitest'
import { credentialName } from '../../../src/storage/use/credential-name.ts'
import type { HealthNews } from '../../../src/storage/use/key-health.ts'
import type { KeyUse } from '../../../src/storage/use/key-use.ts'
import { kvEntries, recordOf } from '../../storage/world.ts'
import { aProviderKey, create, newOrganization, send } from './client.ts'

const NOTHING: KeyUse = { apiKeys: {}, providerKeys: {}, errors: {} }
const EARLY = '2099-11-20T12:00:01.000Z'
const LATE = '2099-11-20T12:00:02.000Z'
const anEndpoint = {
  name: 'rig',
  reach: 'url',
  base_url: 'https://models.example.com/v1',
  auth: 'bearer',
  api_key: 'a-secret-0000',
}
const refused = { status: 401, message: 'openai refused the key.' }

/** The name of the credential that isolates have of it, which the data plane's record tells. */
async function nameOf(org: string, id: string): Promise<string> {
  const records = Object.values(await kvEntries(`org/${org}`)).map((text) => JSON.parse(text))
  const all = records.flatMap(({ keys = [], endpoints = [] }) => [...keys, ...endpoints])
  return credentialName(all.find((one) => one.id === id))
}

async function newKeys() {
  const org = await newOrganization()
  const apiKey = await create(`/${org}/api-keys`, { name: 'app' })
  const providerKey = await create(`/${org}/provider-keys`, aProviderKey)
  return { org, apiKey, providerKey }
}

describe('the use of keys', () => {
  test('is shown, the latest whatever comes in between', async () => {
    const { org, apiKey, providerKey } = await newKeys()
    const record = recordOf(org)
    for (const at of [LATE, EARLY]) {
      await record.keysWereUsed({
        apiKeys: { [apiKey]: at },
        providerKeys: { [providerKey]: at },
        errors: { [providerKey]: { at, ...refused } },
      })
    }
    const { body: shownApiKey } = await send('GET', `/${org}/api-keys/${apiKey}`)
    expect(shownApiKey).toMatchObject({ last_used_at: LATE })
    const { body: shown } = await send('GET', `/${org}/provider-keys/${providerKey}`)
    expect(shown).toMatchObject({ last_used_at: LATE, last_error: { at: LATE, ...refused } })
    await record.keysWereUsed({
      ...NOTHING,
      errors: { [providerKey]: { at: EARLY, status: null, message: 'late news' } },
    })
    const list = await send('GET', `/${org}/provider-keys`)
    expect(list.body).toMatchObject({ data: [{ last_error: { at: LATE, ...refused } }] })
  })

  test.each([
    ['a provider key', '/provider-keys', aProviderKey, { provider_key: 'another-secret-0000' }],
    ['an endpoint', '/endpoints', anEndpoint, { api_key: 'another-secret-0000' }],
    [
      'an endpoint that moves',
      '/endpoints',
      anEndpoint,
      { base_url: 'https://models.example.com/v2' },
    ],
  ])('is nothing of what was there before: %s', async (_, kind, made, other) => {
    const org = await newOrganization()
    const id = await create(`/${org}${kind}`, made)
    const path = `/${org}${kind}/${id}`
    const health: HealthNews = {
      kind: 'troubled',
      health: {
        state: 'open',
        reason: 'refused',
        model: null,
        since: LATE,
        until: '2199-01-01T00:00:00.000Z',
      },
    }
    const tell = async (credential: string): Promise<unknown> => {
      await recordOf(org).keysWereUsed({
        ...NOTHING,
        errors: { [id]: { at: LATE, ...refused } },
        credentials: { [id]: credential },
        health: { [id]: [{ at: LATE, news: health }] },
      })
      const { body } = await send('GET', path)
      return {
        last_error: body['last_error'],
        health: body['health'],
        ...(body['status'] as object),
      }
    }
    const before = await nameOf(org, id)
    expect((await send('PATCH', path, other)).status).toBe(200)
    const clean = { last_error: null, health: null }
    expect(await tell(before)).toMatchObject(clean)
    const shown = { last_error: { at: LATE, ...refused }, health: health.health }
    expect(await tell(await nameOf(org, id))).toMatchObject(shown)
  })

  test('shows how a key fares: what lasts longest, until it is over', async () => {
    const { org, providerKey } = await newKeys()
    const record = recordOf(org)
    const tell = async (at: string, news: HealthNews): Promise<unknown> => {
      await record.keysWereUsed({ ...NOTHING, health: { [providerKey]: [{ at, news }] } })
      const list = await send('GET', `/${org}/provider-keys`)
      const { body } = await send('GET', `/${org}/provider-keys/${providerKey}`)
      expect(list.body).toMatchObject({ data: [{ health: body['health'] }] })
      return body['health']
    }
    const day = (date: number): string => `2199-11-${date}T12:00:00.000Z`
    const troubled = (model: string | null, from: number, to: number): HealthNews => {
      const [since, until] = [day(from), day(to)]
      return {
        kind: 'troubled',
        health: { state: 'cooling_down', reason: 'rate_limited', model, since, until },
      }
    }
    const first = { state: 'cooling_down', model: 'a', since: day(10), until: day(14) }
    expect(await tell(day(10), troubled('a', 10, 14))).toMatchObject(first)
    // Another model’s trouble is sooner over, and nothing of the first one’s.
    expect(await tell(day(11), troubled('b', 11, 12))).toMatchObject(first)
    expect(await tell(day(12), { kind: 'recovered', model: 'b' })).toMatchObject(first)
    // What other isolates find in order meanwhile may be another model.
    expect(await tell(day(13), { kind: 'answered' })).toMatchObject(first)
    // Late news of before.
    expect(await tell('2199-11-09T12:00:00.000Z', { kind: 'recovered', model: 'a' })).toMatchObject(
      first,
    )
    expect(await tell(day(13), { kind: 'recovered', model: 'a' })).toBeNull()
    expect(await tell(day(14), troubled(null, 14, 16))).toMatchObject({ model: null })
    expect(await tell(day(17), { kind: 'answered' })).toBeNull()
  })

  test('shows a key whose time is over as one that is to be tried again', async () => {
    const { org, providerKey } = await newKeys()
    const [since, until] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:30.000Z']
    const health = { state: 'open', reason: 'failed', model: null, since, until } as const
    await recordOf(org).keysWereUsed({
      ...NOTHING,
      health: { [providerKey]: [{ at: since, news: { kind: 'troubled', health } }] },
    })
    const { body } = await send('GET', `/${org}/provider-keys/${providerKey}`)
    expect(body['health']).toEqual({ ...health, state: 'half_open' })
  })

  test('changes nothing else: no version, nothing in KV', async () => {
    const { org, apiKey, providerKey } = await newKeys()
    const path = `/${org}/provider-keys/${providerKey}`
    const [before, kv] = [await send('GET', path), await kvEntries()]
    await recordOf(org).keysWereUsed({
      apiKeys: { [apiKey]: LATE },
      providerKeys: { [providerKey]: LATE },
      errors: { [providerKey]: { at: LATE, ...refused } },
      health: {
        [providerKey]: [
          {
            at: LATE,
            news: {
              kind: 'troubled',
              health: { state: 'open', reason: 'refused', model: null, since: LATE, until: LATE },
            },
          },
        ],
      },
    })
    const after = await send('GET', path)
    const { last_used_at: _, last_error: __, health: ___, ...rest } = before.body
    expect(after.body).toMatchObject(rest)
    expect(after.headers.get('etag')).toBe(before.headers.get('etag'))
    expect(await kvEntries()).toEqual(kv)
  })

  test('is nothing for keys that are not there, and makes no organization', async () => {
    const org = await newOrganization()
    const use: KeyUse = {
      apiKeys: { key_gone: LATE },
      providerKeys: { pk_gone: LATE },
      errors: { pk_gone: { at: LATE, ...refused } },
    }
    await recordOf(org).keysWereUsed(use)
    expect((await send('GET', `/${org}/provider-keys`)).body['data']).toEqual([])
    await recordOf('org_0000000000000000').keysWereUsed(use)
    expect((await send('GET', '/org_0000000000000000')).status).toBe(404)
  })
})
