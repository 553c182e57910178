import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { organizationOfToken } from '../../../src/core/token-format.ts'
import { readSettings } from '../../../src/storage/env.ts'
import type { OrganizationRecord } from '../../../src/storage/replica/records.ts'
import { open } from '../../../src/storage/sealed/sealed.ts'
import { hashSecret } from '../../../src/storage/sealed/sha256.ts'
import { dump, kvEntries, recordOf, testEnv } from '../../storage/world.ts'
import { create, newOrganization, send } from './client.ts'

let org = ''

beforeAll(async () => {
  org = await newOrganization()
})

const created_at = '2099-11-20T12:00:00.000Z'
const endpoint = {
  name: 'edge-rag',
  base_url: 'https://models.example.com/v1/chat/completions?x=1',
  reach: 'url',
  api_key: 'sk-canary-endpoint-1234',
  headers: { 'cf-access-client-id': 'id.access', 'cf-access-client-secret': 'canary-header' },
  models: ['phi-4'],
  default_model: 'phi-4',
  capabilities: { supports_tools: true },
  timeouts: { first_byte_ms: 120_000 },
}
const route = {
  name: 'smart',
  targets: [
    {
      model: 'one/model-a',
      weight: 3,
      overrides: { temperature: 0 },
      parameters: { max: { max_tokens: 4096 }, rename: { max_tokens: 'max_completion_tokens' } },
    },
    { model: 'byom/edge-rag/phi-4' },
    { model: 'gpt-5' },
    { model: 'gemini-3-pro', region: 'europe-west4' },
  ],
}

const app = {
  tenant_id: '11111111-2222-4333-8444-555555555555',
  client_id: '66666666-7777-4888-8999-000000000000',
  client_secret: 'canary~client-secret-5678',
  scope: 'api://99999999-2222-4333-8444-555555555555/.default',
}

async function replica(): Promise<OrganizationRecord> {
  const record = await env.KEYWAY.get<OrganizationRecord>(`org/${org}`, 'json')
  if (!record) throw new Error('there is no record')
  return record
}

describe('an endpoint', () => {
  test('is made, read, changed, listed and deleted, and the data plane has it sealed', async () => {
    const made = await send('POST', `/${org}/endpoints`, endpoint)
    expect(made).toMatchObject({ status: 201 })
    const shown = {
      id: expect.stringMatching(/^ep_[0-9A-Za-z]{16}$/),
      name: 'edge-rag',
      kind: 'openai-compatible',
      base_url: 'https://models.example.com/v1',
      reach: 'url',
      auth: 'bearer',
      hint: '1234',
      header_names: ['cf-access-client-id', 'cf-access-client-secret'],
      models: ['phi-4'],
      default_model: 'phi-4',
      capabilities: { supports_tools: true },
      timeouts: { first_byte_ms: 120_000 },
      connector_tokens: [],
      created_at,
      created_by: 'admin',
      updated_at: created_at,
      status: {
        online_connectors: null,
        connectors: [],
        last_error: null,
        last_success_at: null,
        health: null,
      },
    }
    expect(made.body).toEqual(shown)
    const id = String(made.body['id'])
    const path = `/${org}/endpoints/${id}`
    expect((await send('GET', path)).body).toEqual(made.body)
    expect((await send('GET', `/${org}/endpoints`)).body['data']).toEqual([made.body])

    const [record] = (await replica()).endpoints ?? []
    const { masterKeys } = readSettings(testEnv())
    const binding = { organizationId: org, recordId: id }
    expect(
      await open(masterKeys, { ...binding, purpose: 'endpoint-key' }, record?.sealed_api_key ?? ''),
    ).toBe(endpoint.api_key)
    const headers = await open(
      masterKeys,
      { ...binding, purpose: 'endpoint-headers' },
      record?.sealed_headers ?? '',
    )
    expect(JSON.parse(headers)).toEqual(endpoint.headers)

    const changed = await send('PATCH', path, { api_key: null, headers: null, name: 'other' })
    expect(changed.body).toEqual({ ...made.body, hint: null, header_names: [], name: 'other' })
    expect((await replica()).endpoints).toMatchObject([
      { name: 'other', sealed_api_key: null, sealed_headers: null, models: ['phi-4'] },
    ])
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await replica()).endpoints).toBeUndefined()
    expect((await send('GET', path)).status).toBe(404)
  })

  test('leaves its secrets nowhere in the clear, the audit log included', async () => {
    const id = await create(`/${org}/endpoints`, { ...endpoint, name: 'secretive' })
    await send('PATCH', `/${org}/endpoints/${id}`, { api_key: 'canary-second-key' })
    const texts = [
      (await send('GET', `/${org}/endpoints`)).text,
      (await send('GET', `/${org}/audit-log`)).text,
      JSON.stringify(await kvEntries()),
      await runInDurableObject(recordOf(org), (_, state) => dump(state)),
    ]
    for (const text of texts) {
      expect(text).toContain('ep_')
      expect(text).not.toContain('canary')
    }
    const log = await send('GET', `/${org}/audit-log?resource=${id}`)
    expect(log.body['data']).toMatchObject([
      { action: 'endpoint.update', after: { api_key: 'replaced' } },
      { action: 'endpoint.create' },
    ])
  })

  test.each<[object, string]>([
    [{ name: 'Not A Slug' }, 'name'],
    [{ base_url: undefined }, 'base_url'],
    [{ base_url: null }, 'base_url'],
    [{ base_url: 7 }, 'base_url'],
    [{ base_url: 'http://canary.example.com' }, 'base_url'],
    [{ base_url: 'https://169.254.169.254' }, 'base_url'],
    [{ base_url: 'http://localhost:1234' }, 'base_url'],
    [{ reach: 'connector' }, 'base_url'],
    [{ reach: 'canary' }, 'reach'],
    [{ reach: undefined }, 'reach'],
    [{ auth: 'none' }, 'auth'],
    [{ auth: 'caller' }, 'auth'],
    [{ kind: 'canary' }, 'kind'],
    [{ kind: null }, 'kind'],
    [{ auth: 'basic' }, 'auth'],
    [{ auth: 'entra' }, 'api_key'],
    [{ auth: 'entra', api_key: null }, 'api_key'],
    [{ auth: 'entra', api_key: { ...app, tenant_id: 'canary.' } }, 'api_key.tenant_id'],
    [{ auth: 'entra', api_key: { ...app, client_id: 'canary.' } }, 'api_key.client_id'],
    [{ auth: 'entra', api_key: { ...app, scope: 'canary.' } }, 'api_key.scope'],
    [{ auth: 'entra', api_key: { client_id: app.client_id } }, 'api_key.client_secret'],
    [{ auth: 'entra', api_key: app, headers: { 'api-key': 'canary' } }, 'headers'],
    [{ api_key: app }, 'auth'],
    [{ api_key: JSON.stringify(app) }, 'auth'],
    [{ api_key: 7 }, 'api_key'],
    [{ api_key: 'canary\n' }, 'api_key'],
    [{ api_key: '' }, 'api_key'],
    [{ headers: { Host: 'canary' } }, 'headers'],
    [{ headers: { host: 'canary' } }, 'headers'],
    [{ headers: { 'x-a': 'canary\r\nx-b: c' } }, 'headers.x-a'],
    [{ headers: { 'x-a': 1 } }, 'headers.x-a'],
    [{ headers: ['canary'] }, 'headers'],
    [{ headers: { 'x-a': 'canary', 'X-A': 'canary' } }, 'headers'],
    [{ headers: { Authorization: 'Bearer canary' } }, 'headers'],
    [{ headers: { 'X-API-Key': 'canary' } }, 'headers'],
    [{ api_key: null, headers: { 'api-key': 'canary', 'x-api-key': 'canary' } }, 'headers'],
    [{ capabilities: { supports_messages: 'canary' } }, 'capabilities.supports_messages'],
    [{ capabilities: { canary: true } }, 'capabilities.canary'],
    [{ timeouts: { idle_ms: 0 } }, 'timeouts.idle_ms'],
    [{ timeouts: { total_ms: 3_600_001 } }, 'timeouts.total_ms'],
    [{ preset: 'canary' }, 'preset'],
    [{ preset: 'dev-tunnels', headers: { 'X-Tunnel-Authorization': 'canary' } }, 'headers'],
    [{ preset: 'ngrok', reach: 'connector', base_url: null }, 'preset'],
    [{ status: {} }, 'status'],
  ])('%j is refused', async (fields, param) => {
    const answer = await send('POST', `/${org}/endpoints`, { ...endpoint, name: 'bad', ...fields })
    expect(answer).toMatchObject({ status: 400, body: { error: { param } } })
    expect(answer.body['error']).not.toMatchObject({ message: expect.stringContaining('canary.') })
  })

  test('has the headers that a preset of the way there wants, and keeps no preset', async () => {
    const path = `/${org}/endpoints`
    const access = { 'CF-Access-Client-Id': '1f.access', 'CF-Access-Client-Secret': 'canary0' }
    const fields = { ...endpoint, name: 'preset', preset: 'cloudflare-access', headers: access }
    const made = await send('POST', path, fields)
    expect(made).toMatchObject({
      status: 201,
      body: { header_names: ['cf-access-client-id', 'cf-access-client-secret'] },
    })
    expect(made.body).not.toHaveProperty('preset')
    const place = `${path}/${String(made.body['id'])}`
    const headers = { 'CF-Access-Client-Id': '1f.access' }
    const refused = await send('PATCH', place, { preset: 'cloudflare-access', headers })
    expect(refused).toMatchObject({ status: 400, body: { error: { param: 'headers' } } })
    expect(refused.text).toContain('cf-access-client-secret')
    expect((await send('PATCH', place, { preset: 'ngrok' })).status).toBe(400)
    const moved = await send('PATCH', place, { preset: 'ngrok', headers: null })
    expect(moved.body).toMatchObject({ header_names: ['ngrok-skip-browser-warning'] })
  })

  test('is an Edge RAG cluster where it says so, whose callers bring tokens of their own', async () => {
    const cluster = {
      name: 'cluster',
      kind: 'edge-rag',
      reach: 'url',
      base_url: 'https://rag.example.com',
      auth: 'caller',
    }
    const made = await send('POST', `/${org}/endpoints`, cluster)
    expect(made).toMatchObject({ status: 201, body: cluster })
    const path = `/${org}/endpoints/${String(made.body['id'])}`
    const named = async () => (await replica()).endpoints?.find(({ name }) => name === 'cluster')
    expect(await named()).toMatchObject({ kind: 'edge-rag', auth: 'caller', sealed_api_key: null })
    const changed = await send('PATCH', path, { kind: 'openai-compatible' })
    expect(changed.body).toMatchObject({ kind: 'openai-compatible' })
    expect(await named()).toMatchObject({ kind: 'openai-compatible' })
    expect((await send('PATCH', path, { api_key: 'canary-key' })).status).toBe(400)
    expect((await send('DELETE', path)).status).toBe(204)
  })

  test('has an app of Entra’s sealed in place of a key, which goes with its auth', async () => {
    const path = `/${org}/endpoints`
    const fields = { ...endpoint, name: 'app', auth: 'entra', api_key: app }
    const made = await send('POST', path, fields)
    expect(made).toMatchObject({ status: 201, body: { auth: 'entra', hint: '5678' } })
    const id = String(made.body['id'])
    const record = (await replica()).endpoints?.find(({ name }) => name === 'app')
    const binding = { organizationId: org, recordId: id, purpose: 'endpoint-key' }
    const { masterKeys } = readSettings(testEnv())
    expect(JSON.parse(await open(masterKeys, binding, record?.sealed_api_key ?? ''))).toEqual({
      tenantId: app.tenant_id,
      clientId: app.client_id,
      clientSecret: app.client_secret,
      scope: app.scope,
    })
    const place = `${path}/${id}`
    const patches: [object, string | undefined][] = [
      [{ api_key: null }, 'api_key'],
      [{ api_key: 'canary-key' }, 'auth'],
      [{ api_key: app }, 'auth'],
      [{ auth: 'bearer' }, 'api_key'],
      [{ auth: 'entra' }, undefined],
      [{ auth: 'entra', api_key: { ...app, client_secret: 'canary-rotated-9999' } }, undefined],
      [{ auth: 'bearer', api_key: 'canary-key' }, undefined],
      [{ auth: 'entra' }, 'api_key'],
      [{ auth: 'bearer', api_key: null }, undefined],
      [{ auth: 'entra' }, 'api_key'],
    ]
    for (const [patch, param] of patches) {
      const answer = await send('PATCH', place, patch)
      const refused = { status: 400, body: { error: { param } } }
      expect(answer, JSON.stringify(patch)).toMatchObject(param ? refused : { status: 200 })
      expect(answer.text).not.toContain('canary')
    }
    expect((await send('DELETE', place)).status).toBe(204)
  })

  test('has its headers in lower case, and one key, wherever that is', async () => {
    const made = await send('POST', `/${org}/endpoints`, {
      ...endpoint,
      name: 'pasted',
      api_key: null,
      headers: { 'CF-Access-Client-Id': 'id.access', Authorization: 'Bearer canary-header' },
    })
    expect(made.body['header_names']).toEqual(['cf-access-client-id', 'authorization'])
    const path = `/${org}/endpoints/${String(made.body['id'])}`
    const second = await send('PATCH', path, { api_key: 'canary-second' })
    expect(second).toMatchObject({ status: 400, body: { error: { param: 'headers' } } })
    expect((await send('PATCH', path, { api_key: 'canary-second', headers: null })).status).toBe(
      200,
    )
  })

  test('may be all that an API key is for', async () => {
    const held = { name: 'held', providers: ['byom'], models: ['byom/edge-rag/*'] }
    const made = await send('POST', `/${org}/api-keys`, held)
    expect(made).toMatchObject({ status: 201, body: held })
  })

  test('its name is its own', async () => {
    await create(`/${org}/endpoints`, { ...endpoint, name: 'taken' })
    const answer = await send('POST', `/${org}/endpoints`, { ...endpoint, name: 'taken' })
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } })
    const other = await create(`/${org}/endpoints`, { ...endpoint, name: 'free' })
    const renamed = await send('PATCH', `/${org}/endpoints/${other}`, { name: 'taken' })
    expect(renamed.status).toBe(409)
    expect((await send('PATCH', `/${org}/endpoints/${other}`, { name: 'free' })).status).toBe(200)
  })

  test('two connector tokens are live at once, and a leaked one can be ended', async () => {
    const id = await create(`/${org}/endpoints`, { name: 'tunnel', reach: 'connector' })
    const path = `/${org}/endpoints/${id}/connector-token`
    const hashes = async (): Promise<readonly string[]> =>
      (await replica()).endpoints?.find((one) => one.id === id)?.connector_hashes ?? []
    const issued: string[] = []
    for (let index = 0; index < 3; index++) {
      const { status, body } = await send('POST', path)
      const token = String(body['token'])
      expect([status, organizationOfToken('kwc_', token)]).toEqual([201, org])
      expect(body).toMatchObject({ endpoint_id: id, hint: token.slice(-4), created_by: 'admin' })
      issued.push(await hashSecret(token))
    }
    expect(await hashes()).toEqual(issued.slice(1))
    const shown = await send('GET', `/${org}/endpoints/${id}`)
    expect(shown.body['connector_tokens']).toHaveLength(2)
    await send('POST', path, { revoke_others: true })
    expect(await hashes()).toHaveLength(1)
    expect(await hashes()).not.toContain(issued[2])
    const byUrl = await create(`/${org}/endpoints`, { ...endpoint, name: 'by-url' })
    expect((await send('POST', `/${org}/endpoints/${byUrl}/connector-token`)).status).toBe(409)
  })

  test('a connector token that was made is shown, whatever becomes of the connectors there', async () => {
    const id = await create(`/${org}/endpoints`, { name: 'unsteady', reach: 'connector' })
    const path = `/${org}/endpoints/${id}/connector-token`
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const away = vi.spyOn(env.CONNECTOR, 'getByName').mockImplementation(() => {
      throw new Error('the object is away')
    })
    const { status, body } = await send('POST', path)
    expect(away).toHaveBeenCalledTimes(2)
    expect([status, organizationOfToken('kwc_', String(body['token']))]).toEqual([201, org])
    expect(body).toMatchObject({ revoked_disconnected: false })
    // What waits moves the clock on: it is tried again behind the answer.
    await vi.waitFor(() => expect(away).toHaveBeenCalledTimes(3), { timeout: 10_000 })
    away.mockReset().mockRestore()
    vi.useRealTimers()
    expect((await send('POST', path)).body).toMatchObject({ revoked_disconnected: true })
  })
})

describe('a route', () => {
  test('is made, read, changed, listed and deleted, and the data plane has it', async () => {
    const made = await send('POST', `/${org}/routes`, route)
    expect(made).toMatchObject({ status: 201 })
    expect(made.body).toEqual({
      id: expect.stringMatching(/^rt_[0-9A-Za-z]{16}$/),
      ...route,
      strategy: 'fallback',
      sticky: 'conversation',
      hedge_after_ms: null,
      timeouts: {},
      created_at,
      created_by: 'admin',
      updated_at: created_at,
    })
    const path = `/${org}/routes/${String(made.body['id'])}`
    const { id, name, targets } = made.body
    expect((await replica()).routes).toEqual([{ id, name, targets, strategy: 'fallback' }])
    const patch = { targets: [{ model: 'two/b' }], strategy: 'weighted' }
    expect((await send('PATCH', path, patch)).body).toEqual({ ...made.body, ...patch })
    expect((await replica()).routes).toMatchObject([patch])
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await replica()).routes).toBeUndefined()
  })

  test('keeps to no conversation and tries two targets at once where it says so, until it does not', async () => {
    const said = { sticky: 'none', hedge_after_ms: 1500 }
    const made = await send('POST', `/${org}/routes`, { ...route, name: 'hedged', ...said })
    expect(made).toMatchObject({ status: 201, body: said })
    const path = `/${org}/routes/${String(made.body['id'])}`
    expect((await replica()).routes).toMatchObject([said])
    const usual = { sticky: 'conversation', hedge_after_ms: null }
    expect((await send('PATCH', path, usual)).body).toMatchObject(usual)
    const [record] = (await replica()).routes ?? []
    expect(record).toMatchObject({ name: 'hedged' })
    expect(record).not.toHaveProperty('sticky')
    expect(record).not.toHaveProperty('hedge_after_ms')
    expect((await send('DELETE', path)).status).toBe(204)
  })

  test('says how long it and its targets are waited for, until it does not', async () => {
    const said = {
      timeouts: { first_byte_ms: 20_000, total_ms: 60_000 },
      targets: [{ model: 'one/a', timeouts: { idle_ms: 5000 } }, { model: 'two/b' }],
    }
    const made = await send('POST', `/${org}/routes`, { name: 'hasty', ...said })
    expect(made).toMatchObject({ status: 201, body: said })
    const path = `/${org}/routes/${String(made.body['id'])}`
    expect((await replica()).routes).toMatchObject([said])
    const usual = { timeouts: {}, targets: [{ model: 'one/a' }] }
    expect((await send('PATCH', path, usual)).body).toMatchObject(usual)
    const [record] = (await replica()).routes ?? []
    expect(record).toMatchObject({ name: 'hasty', targets: usual.targets })
    expect(record).not.toHaveProperty('timeouts')
    expect((await send('DELETE', path)).status).toBe(204)
  })

  test.each<[object, string]>([
    [{ timeouts: null }, 'timeouts'],
    [{ timeouts: { total_ms: 0 } }, 'timeouts.total_ms'],
    [{ timeouts: { first_byte_ms: 3_600_001 } }, 'timeouts.first_byte_ms'],
    [{ timeouts: { idle_ms: 1.5 } }, 'timeouts.idle_ms'],
    [{ timeouts: { stranger: 1 } }, 'timeouts.stranger'],
    [{ targets: [{ model: 'one/a', timeouts: { idle_ms: '5' } }] }, 'targets[0].timeouts.idle_ms'],
    [{ name: '' }, 'name'],
    [{ name: 'a/b' }, 'name'],
    [{ targets: undefined }, 'targets'],
    [{ targets: [] }, 'targets'],
    [{ targets: [{}] }, 'targets[0].model'],
    [{ targets: [{ model: 'canary/x' }] }, 'targets[0].model'],
    [{ targets: [{ model: 'one/a' }, { model: 'one/ b' }] }, 'targets[1].model'],
    ...['', 'one/', 'byom/', 'byom/Lab', 'byom/lab/', 'byom//a', 'smart', 'a model'].map(
      (model): [object, string] => [{ targets: [{ model }] }, 'targets[0].model'],
    ),
    [{ targets: [{ model: 'one/a', region: 'us-east-1' }] }, 'targets[0].region'],
    [{ targets: [{ model: 'gpt-5', region: 'us-east-1' }] }, 'targets[0].region'],
    [{ targets: [{ model: 'byom/lab', region: 'us-east-1' }] }, 'targets[0].region'],
    [{ targets: [{ model: 'gemini-3-pro', region: 'a.b' }] }, 'targets[0].region'],
    [{ targets: [{ model: 'gemini-3-pro', region: '' }] }, 'targets[0].region'],
    [{ targets: [{ model: 'one/a', weight: -1 }] }, 'targets[0].weight'],
    [{ targets: [{ model: 'one/a', stranger: 1 }] }, 'targets[0].stranger'],
    [{ targets: [{ model: 'one/a', overrides: [] }] }, 'targets[0].overrides'],
    [{ targets: [{ model: 'one/a', overrides: { stream: true } }] }, 'targets[0].overrides'],
    [{ targets: [{ model: 'one/a', overrides: { model: null } }] }, 'targets[0].overrides'],
    [{ targets: [{ model: 'one/a', overrides: { model: '' } }] }, 'targets[0].overrides'],
    [
      { targets: [{ model: 'one/a', overrides: { a: 'canary'.repeat(500) } }] },
      'targets[0].overrides',
    ],
    [
      { targets: [{ model: 'one/a', overrides: { a: { constructor: 1 } } }] },
      'targets[0].overrides',
    ],
    [{ sticky: 'user' }, 'sticky'],
    [{ sticky: null }, 'sticky'],
    [{ hedge_after_ms: 99 }, 'hedge_after_ms'],
    [{ hedge_after_ms: 600_001 }, 'hedge_after_ms'],
    [{ hedge_after_ms: 1500.5 }, 'hedge_after_ms'],
    [{ hedge_after_ms: '1500' }, 'hedge_after_ms'],
    [{ targets: [{ model: 'one/a', parameters: [] }] }, 'targets[0].parameters'],
    [{ targets: [{ model: 'one/a', parameters: { min: {} } }] }, 'targets[0].parameters.min'],
    ...(
      [
        [{ max: 4096 }, 'max'],
        [{ max: { max_tokens: '4096' } }, 'max.max_tokens'],
        [{ max: { stream: 1 } }, 'max'],
        [{ max: { 'canary canary': 1 } }, 'max'],
        [{ max: manyFields(17) }, 'max'],
        [{ rename: { max_tokens: null } }, 'rename.max_tokens'],
        [{ rename: { model: 'engine' } }, 'rename'],
        [{ rename: { engine: 'model' } }, 'rename'],
        [{ rename: { a: 'stream' } }, 'rename'],
        [{ rename: { a: '' } }, 'rename'],
        [{ rename: { a: 'constructor' } }, 'rename'],
        [{ rename: { a: 'b', b: 'c' } }, 'rename'],
        [{ rename: { a: 'a' } }, 'rename'],
      ] as const
    ).map(([parameters, at]): [object, string] => [
      { targets: [{ model: 'one/a', parameters }] },
      `targets[0].parameters.${at}`,
    ]),
    [{ strategy: 'random' }, 'strategy'],
  ])('%j is refused', async (fields, param) => {
    const answer = await send('POST', `/${org}/routes`, { ...route, name: 'bad', ...fields })
    expect(answer).toMatchObject({ status: 400, body: { error: { param } } })
    expect(answer.body['error']).not.toMatchObject({ message: expect.stringContaining('canary') })
  })

  test('with overrides ten thousand levels deep is refused as any other value', async () => {
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`
    const body = `{"name":"deep","targets":[{"model":"one/a","overrides":${deep}}]}`
    const answer = await send('POST', `/${org}/routes`, body)
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { param: 'targets[0].overrides' } },
    })
  })
})

function manyFields(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`field_${at}`, 1]))
}
