import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { isObject } from '../../../src/core/parse.ts'
import { dump, recordOf } from '../../storage/world.ts'
import { aProviderKey, create, newOrganization, send } from './client.ts'

const NOBODY = 'org_0000000000000001'

const NOT_FOUND = { status: 404, code: 'not_found', param: null }

async function errorOf(method: string, path: string, body?: unknown): Promise<object> {
  const { status, body: answer } = await send(method, path, body)
  const { error } = answer
  return isObject(error) ? { status, code: error['code'], param: error['param'] } : { status }
}

describe.each([
  ['that was never made', NOBODY],
  ['whose id is too short', 'org_1'],
  ['whose id is another kind', 'key_0000000000000001'],
  ['named as a prototype member', 'constructor'],
  ['with a path in its id', 'org_000000000000000%2F'],
  ['with a broken escape in its id', 'org_%E0%A4%A'],
])('an organization %s', (_, org) => {
  test.each<[string, string, unknown]>([
    ['GET', '', undefined],
    ['DELETE', '', undefined],
    ['POST', '/api-keys', { name: 'app' }],
    ['GET', '/api-keys', undefined],
    ['GET', '/api-keys/key_1', undefined],
    ['DELETE', '/api-keys/key_1', undefined],
    ['POST', '/provider-keys', aProviderKey],
    ['GET', '/provider-keys', undefined],
    ['GET', '/provider-keys/pk_1', undefined],
    ['DELETE', '/provider-keys/pk_1', undefined],
  ])('%s %s', async (method, path, body) => {
    expect(await errorOf(method, `/${org}${path}`, body)).toEqual(NOT_FOUND)
  })
})

test('asking about an organization that was never made stores nothing', async () => {
  await send('POST', `/${NOBODY}/api-keys`, { name: 'app' })
  expect(await runInDurableObject(recordOf(NOBODY), (_, state) => dump(state))).toBe('[]')
})

describe('another organization’s', () => {
  test.each([
    ['api-keys', { name: 'app' }],
    ['provider-keys', aProviderKey],
  ])('%s are neither read, listed nor deleted', async (resource, body) => {
    const [mine, theirs] = [await newOrganization(), await newOrganization()]
    const id = await create(`/${theirs}/${resource}`, body)
    expect(await errorOf('GET', `/${mine}/${resource}/${id}`)).toEqual(NOT_FOUND)
    expect(await errorOf('DELETE', `/${mine}/${resource}/${id}`)).toEqual(NOT_FOUND)
    expect((await send('GET', `/${mine}/${resource}`)).body['data']).toEqual([])
    expect((await send('GET', `/${theirs}/${resource}/${id}`)).status).toBe(200)
  })
})

test.each(['key_0000000000000000', 'constructor', "' OR 1=1 --", '%00', '😀', 'x'.repeat(2000)])(
  'an id that does not exist: %j',
  async (id) => {
    const org = await newOrganization()
    await create(`/${org}/api-keys`, { name: 'app' })
    await create(`/${org}/provider-keys`, aProviderKey)
    for (const resource of ['api-keys', 'provider-keys']) {
      expect(await errorOf('GET', `/${org}/${resource}/${encodeURIComponent(id)}`)).toEqual(
        NOT_FOUND,
      )
      expect(await errorOf('DELETE', `/${org}/${resource}/${encodeURIComponent(id)}`)).toEqual(
        NOT_FOUND,
      )
    }
  },
)
