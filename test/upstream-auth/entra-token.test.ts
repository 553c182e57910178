import { describe, expect, test } from 'vitest'
import type { EntraApp } from '../../src/core/credentials.ts'
import { GatewayError } from '../../src/core/errors.ts'
import { endpointHeaders } from '../../src/upstream-auth/endpoint-headers.ts'
import { parseEntraApp } from '../../src/upstream-auth/entra-app.ts'
import { CredentialRefused } from '../../src/upstream-auth/upstream-auth.ts'
import { rejectionOf, thrownBy } from '../thrown-by.ts'
import { type TestWorld, testWorld, tokenAnswer } from './google-world.ts'

let apps = 0
/** An app of which no token is known yet. */
const newApp = (more: Partial<EntraApp> = {}): EntraApp => ({
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '66666666-7777-4888-8999-000000000000',
  clientSecret: `canary~secret-${++apps}`,
  scope: 'api://99999999-2222-4333-8444-555555555555/.default',
  ...more,
})

const auth = endpointHeaders('entra')
const credentialOf = (app: EntraApp) =>
  ({ kind: 'endpoint', apiKey: null, app, headers: { 'X-Way': 'there' } }) as const

async function proof(app: EntraApp, world: TestWorld): Promise<string | null> {
  const headers: Record<string, string> = { authorization: 'Bearer of the caller' }
  const request = { method: 'POST', url: 'https://upstream.example/', headers, body: null }
  await auth.prove(request, credentialOf(app), { location: '' }, world)
  expect(headers['x-way']).toBe('there')
  return headers['authorization'] ?? null
}

const NOW = Date.parse('2026-11-20T00:00:00Z')

describe('an app’s token', () => {
  test('is asked for in a form, at Entra, in the name of the app', async () => {
    const world = testWorld()
    const app = newApp()
    expect(await proof(app, world)).toBe('Bearer ya29.token-1')
    const [exchange] = world.exchanges
    expect.assert(exchange !== undefined)
    expect(exchange.url).toBe(`https://login.microsoftonline.com/${app.tenantId}/oauth2/v2.0/token`)
    expect(exchange.init).toMatchObject({ method: 'POST', redirect: 'manual' })
    expect(exchange.init.signal).toBeInstanceOf(AbortSignal)
    expect(Object.fromEntries(exchange.form)).toEqual({
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: app.clientSecret,
      scope: app.scope,
    })
  })

  test('is asked for where the deployment says', async () => {
    const world = { ...testWorld(), entraTokenBase: 'http://127.0.0.1:1/entra' }
    await proof(newApp({ tenantId: 'contoso.com' }), world)
    expect(world.exchanges[0]?.url).toBe('http://127.0.0.1:1/entra/contoso.com/oauth2/v2.0/token')
  })

  test('is kept until five minutes before it ends, whoever opened the app', async () => {
    const world = testWorld()
    const app = newApp()
    await proof(app, world)
    await world.pass((3599 - 300) * 1000 - 1)
    expect(await proof({ ...app }, world)).toBe('Bearer ya29.token-1')
    await world.pass(1)
    expect(await proof(app, world)).toBe('Bearer ya29.token-2')
  })

  test('is in the store for other isolates, under a name that tells nothing', async () => {
    const world = testWorld()
    await proof(newApp(), world)
    const [[name, stored] = []] = world.stored
    expect(name).toMatch(/^entra\/[0-9a-f]{64}$/)
    expect(stored).toEqual({ token: 'ya29.token-1', expiresAtMs: NOW + 3599 * 1000 })
  })

  test.each<Partial<EntraApp>>([
    { tenantId: 'contoso.com' },
    { clientId: '00000000-7777-4888-8999-000000000000' },
    { clientSecret: 'rotated' },
    { scope: 'api://another/.default' },
  ])('is never used where the app has %j', async (change) => {
    const world = testWorld()
    const app = newApp()
    await proof(app, world)
    expect(await proof({ ...app, ...change }, world)).toBe('Bearer ya29.token-2')
  })

  test('is forgotten, here and in the store, when it was refused', async () => {
    const world = testWorld()
    const app = newApp()
    await proof(app, world)
    const headers = { authorization: 'Bearer ya29.token-1' }
    const request = { method: 'POST', url: 'https://upstream.example/', headers, body: null }
    await auth.forget?.(request, credentialOf(app), world)
    expect(world.stored.size).toBe(0)
    expect(await proof(app, world)).toBe('Bearer ya29.token-2')
  })

  test('is asked for once by those who need it at the same time', async () => {
    const world = testWorld(async () => {
      await world.sleep(400)
      return tokenAnswer('ya29.one')
    })
    const app = newApp()
    const proofs = Promise.all(Array.from({ length: 20 }, () => proof({ ...app }, world)))
    for (let passedMs = 0; passedMs < 1000; passedMs += 100) await world.pass(100)
    expect(new Set(await proofs)).toEqual(new Set(['Bearer ya29.one']))
    expect(world.exchanges).toHaveLength(1)
  })
})

describe('a refusal is told without what was in it', () => {
  const description = 'AADSTS7000215: Invalid client secret canary for the app 66666666-7777'

  test.each<[string, () => Response | Promise<Response>, number, RegExp]>([
    [
      'by its code',
      () =>
        Response.json({ error: 'invalid_client', error_description: description }, { status: 401 }),
      401,
      /Entra .*\(invalid_client\)$/,
    ],
    [
      'a code that is no code',
      () => Response.json({ error: description }, { status: 400 }),
      400,
      /HTTP 400/,
    ],
    ['a page', () => new Response(`<html>${description}`), 200, /HTTP 200/],
    [
      'a redirect, which is not followed',
      () => new Response(null, { status: 302, headers: { location: 'https://canary.example' } }),
      302,
      /HTTP 302/,
    ],
    [
      'a broken connection, which is not the endpoint’s',
      () => Promise.reject(new TypeError('canary lost')),
      503,
      /Entra was not reached/,
    ],
  ])('%s', async (_, answer, status, message) => {
    const world = testWorld(answer)
    const error = await rejectionOf(() => proof(newApp(), world))
    expect(error).toBeInstanceOf(CredentialRefused)
    expect(error).toMatchObject({ status, message: expect.stringMatching(message) })
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/canary|AADSTS|6666/)
    expect(world.exchanges).toHaveLength(1)
    expect(world.stored.size).toBe(0)
  })
})

describe('an app that is pasted', () => {
  const pasted = {
    tenant_id: 'Contoso.onmicrosoft.com',
    client_id: '66666666-7777-4888-8999-000000000000',
    client_secret: ' abc~canary.secret ',
    scope: 'api://99999999-2222-4333-8444-555555555555/.default',
  }

  test.each([pasted, JSON.stringify(pasted, null, 2)])(
    'is taken as an object or its text',
    (it) => {
      expect(parseEntraApp(it)).toEqual({
        tenantId: pasted.tenant_id,
        clientId: pasted.client_id,
        clientSecret: 'abc~canary.secret',
        scope: pasted.scope,
      })
    },
  )

  test.each<[unknown, string]>([
    ['canary', 'api_key'],
    [['canary'], 'api_key'],
    [{ ...pasted, tenant_id: 'canary' }, 'api_key.tenant_id'],
    [{ ...pasted, tenant_id: 'canary.com/../evil' }, 'api_key.tenant_id'],
    [{ ...pasted, tenant_id: 'canary.com?a' }, 'api_key.tenant_id'],
    [{ ...pasted, tenant_id: '' }, 'api_key.tenant_id'],
    [{ ...pasted, client_id: 'canary' }, 'api_key.client_id'],
    [{ ...pasted, client_id: 7 }, 'api_key.client_id'],
    [{ ...pasted, client_secret: undefined }, 'api_key.client_secret'],
    [{ ...pasted, client_secret: 'a canary' }, 'api_key.client_secret'],
    [{ ...pasted, scope: 'api://canary' }, 'api_key.scope'],
    [{ ...pasted, scope: 'api://canary a/.default' }, 'api_key.scope'],
    [{ ...pasted, authority: 'https://canary.example' }, 'api_key.authority'],
  ])('%j is refused by its field', (value, param) => {
    const error = thrownBy(() => parseEntraApp(value))
    expect(error).toBeInstanceOf(GatewayError)
    expect(error).toMatchObject({ code: 'invalid_request', details: { param } })
    expect(String(error)).not.toContain('canary')
  })
})
