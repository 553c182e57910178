import { beforeAll, describe, expect, test } from 'vitest'
import { testEnv } from '../../storage/world.ts'
import { create, newOrganization, send } from './client.ts'

let path = ''

beforeAll(async () => {
  path = `/${await newOrganization()}/endpoints`
})

const BASE_URL = 'https://models.example.com/v1'
const ELSEWHERE = 'https://models.example.net/v1'
const headers = { 'cf-access-client-id': 'id.access', 'cf-access-client-secret': 'canary-header' }
const app = {
  tenant_id: '11111111-2222-4333-8444-555555555555',
  client_id: '66666666-7777-4888-8999-000000000000',
  client_secret: 'canary~client-secret-5678',
  scope: 'api://99999999-2222-4333-8444-555555555555/.default',
}
const key = { api_key: 'canary-endpoint-1234' }
const both = { ...key, headers }
const connector = { reach: 'connector', base_url: null }
const url = { reach: 'url', base_url: BASE_URL }

let made = 0
const endpoint = (fields: object): Promise<string> => {
  made += 1
  return create(path, { name: `lab-${made}`, ...url, ...fields })
}

describe('the secrets of an endpoint', () => {
  test.each<[string, object, object, string]>([
    ['key', key, { base_url: ELSEWHERE }, 'api_key'],
    ['key', key, { base_url: 'https://sub.models.example.com/v1' }, 'api_key'],
    ['key', key, connector, 'api_key'],
    ['headers', { headers }, { base_url: ELSEWHERE }, 'headers'],
    ['headers', { headers }, connector, 'headers'],
    ['second', both, { base_url: ELSEWHERE, ...key }, 'headers'],
    ['second', both, { base_url: ELSEWHERE, headers }, 'api_key'],
    ['app', { auth: 'entra', api_key: app }, { base_url: ELSEWHERE, auth: 'entra' }, 'api_key'],
    ['key', { ...key, ...connector }, url, 'api_key'],
  ])('do not go to another address by themselves: %s, %j, %j', async (_, fields, move, param) => {
    const place = `${path}/${await endpoint(fields)}`
    const before = await send('GET', place)
    const refused = await send('PATCH', place, move)
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', param } },
    })
    expect(refused.text).toContain('null')
    expect(refused.text).not.toContain('canary')
    expect((await send('GET', place)).body).toEqual(before.body)
  })

  test.each<[string, object, object]>([
    ['they are said again', both, { base_url: ELSEWHERE, ...both }],
    ['they are taken away', both, { base_url: ELSEWHERE, api_key: null, headers: null }],
    ['one is said, one taken away', both, { ...connector, ...key, headers: null }],
    [
      'the app is said again',
      { auth: 'entra', api_key: app },
      { base_url: ELSEWHERE, auth: 'entra', api_key: app },
    ],
    ['there are none', {}, { base_url: ELSEWHERE }],
    ['only the path differs', both, { base_url: 'https://models.example.com/v2' }],
    ['it is the same, as it was pasted', both, { ...url, base_url: `${BASE_URL}/models` }],
    ['it is a connector’s and stays so', { ...connector, ...key }, connector],
  ])('the address may change where %s', async (_, fields, move) => {
    const place = `${path}/${await endpoint(fields)}`
    expect(await send('PATCH', place, move)).toMatchObject({ status: 200 })
  })

  test('may go to another port of the machine only where they are said again', async () => {
    const loopback = 'http://localhost:11434/v1'
    const env = { ...testEnv(), ALLOW_LOOPBACK_UPSTREAMS: 'true' }
    const id = await endpoint(key)
    const moved = await send('PATCH', `${path}/${id}`, { ...key, base_url: loopback }, { env })
    expect(moved).toMatchObject({ status: 200 })
    for (const base_url of ['http://localhost:11435/v1', 'https://localhost:11434/v1']) {
      const refused = await send('PATCH', `${path}/${id}`, { base_url }, { env })
      expect(refused).toMatchObject({ status: 400, body: { error: { param: 'api_key' } } })
    }
  })
})
