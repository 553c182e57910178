import { describe, expect, test } from 'vitest'
import type { KeyUse } from '../../../src/storage/key-use.ts'
import { kvEntries, recordOf } from '../../storage/world.ts'
import { aProviderKey, create, newOrganization, send } from './client.ts'

const NOTHING: KeyUse = { apiKeys: {}, providerKeys: {}, errors: {} }
const EARLY = '2099-11-20T12:00:01.000Z'
const LATE = '2099-11-20T12:00:02.000Z'
const refused = { status: 401, message: 'openai refused the key.' }

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

  test('changes nothing else: no version, nothing in KV', async () => {
    const { org, apiKey, providerKey } = await newKeys()
    const path = `/${org}/provider-keys/${providerKey}`
    const [before, kv] = [await send('GET', path), await kvEntries()]
    await recordOf(org).keysWereUsed({
      apiKeys: { [apiKey]: LATE },
      providerKeys: { [providerKey]: LATE },
      errors: { [providerKey]: { at: LATE, ...refused } },
    })
    const after = await send('GET', path)
    const { last_used_at: _, last_error: __, ...rest } = before.body
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
