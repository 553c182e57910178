import { env as bindings } from 'cloudflare:workers'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { NOW, testEnv } from '../../storage/world.ts'
import { accessEnv, AUDIENCE, newTeam, type Team } from './access-team.ts'
import { newOrganization, send } from './client.ts'

let team: Team
let org = ''
let count = 0

beforeAll(async () => {
  team = await newTeam('acme')
  org = await newOrganization()
})

const nowSeconds = Math.floor(NOW.getTime() / 1000)

/** A request with a proof and no token. */
async function asPerson(
  proof: string,
  request: {
    method?: string
    path?: string
    body?: unknown
    of?: Team
    roles?: readonly object[]
    headers?: Record<string, string>
  } = {},
) {
  const { method = 'GET', path = `/${org}`, body, of = team, headers = {} } = request
  const roles = request.roles ?? [{ email: 'Ann@acme.example', organization: org, role: 'admin' }]
  return send(method, path, body, {
    authorization: null,
    env: accessEnv(of, roles),
    headers: { 'cf-access-jwt-assertion': proof, ...headers },
    fetch: of.fetch,
  })
}

describe('a person who comes through Cloudflare Access', () => {
  test('has the role that their email has, and is named in what they change', async () => {
    const proof = await team.sign()
    expect((await asPerson(proof)).status).toBe(200)
    const path = `/${org}/api-keys`
    const made = await asPerson(proof, { method: 'POST', path, body: { name: 'a' } })
    expect([made.status, made.body['created_by']]).toEqual([201, 'ann@acme.example'])
    const log = await send('GET', `/${org}/audit-log?actor=ann@acme.example`)
    expect(log.body['data']).toMatchObject([{ action: 'api_key.create' }])
    const token = { name: 't', role: 'owner' }
    const refusal = await asPerson(proof, { method: 'POST', path: `/${org}/tokens`, body: token })
    expect(refusal.status).toBe(403)
  })

  test.each([
    ['groups', { groups: ['staff', 'ops'] }],
    ['custom.groups', { custom: { groups: ['ops'] } }],
  ])('has the strongest role of their %s', async (_, claims) => {
    const roles = [
      { group: 'ops', organization: org, role: 'owner' },
      { group: 'staff', organization: org, role: 'viewer' },
    ]
    const body = { name: 't', role: 'viewer' }
    const proof = await team.sign({ email: 'bob@acme.example', ...claims })
    const made = await asPerson(proof, { method: 'POST', path: `/${org}/tokens`, body, roles })
    expect(made.status).toBe(201)
  })

  test('sees the organizations that they have a role in, page by page', async () => {
    const second = await newOrganization()
    const gone = 'org_0000000000000001'
    const roles = [org, gone, second].map((organization) => ({
      email: 'ann@acme.example',
      organization,
      role: 'viewer',
    }))
    const proof = await team.sign()
    const all = await asPerson(proof, { path: '', roles })
    expect(all.body).toMatchObject({ data: [{ id: org }, { id: second }], next_cursor: null })
    const first = await asPerson(proof, { path: '?limit=1', roles })
    expect(first.body['next_cursor']).toEqual(expect.any(String))
  })

  test('is told where one of their organizations does not answer, instead of a list without it', async () => {
    const find = bindings.ORGANIZATION.getByName.bind(bindings.ORGANIZATION)
    const away = vi.spyOn(bindings.ORGANIZATION, 'getByName').mockImplementation((name) => {
      if (name === org) throw new Error('the object is away')
      return find(name)
    })
    const list = await asPerson(await team.sign(), { path: '' })
    away.mockRestore()
    expect(list.status).toBe(500)
  })

  test('nobody with a proof but no role sees anything', async () => {
    const proof = await team.sign({ email: 'eve@acme.example' })
    expect((await asPerson(proof)).status).toBe(404)
    expect((await asPerson(proof, { path: '' })).body['data']).toEqual([])
  })

  test.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost', 'sec-fetch-site': 'same-origin' }, 201],
    [{}, 201],
  ])('changes nothing from another site’s page: %j → %i', async (headers, status) => {
    const body = { name: 'a' }
    const path = `/${org}/api-keys`
    const sent = Object.fromEntries(Object.entries(headers))
    const answer = await asPerson(await team.sign(), { method: 'POST', path, body, headers: sent })
    expect(answer.status).toBe(status)
  })

  test('a token that is sent as well is what counts', async () => {
    const headers = { authorization: 'Bearer wrong' }
    expect((await asPerson(await team.sign(), { headers })).status).toBe(401)
  })
})

describe('a proof is refused', () => {
  test.each<[string, object, object]>([
    ['of another issuer', { iss: 'https://evil.cloudflareaccess.com' }, {}],
    ['for another audience', { aud: ['another-audience-00'] }, {}],
    ['that has expired', { exp: nowSeconds - 1 }, {}],
    ['that is not valid yet', { nbf: nowSeconds + 600 }, {}],
    ['without an expiry', { exp: undefined }, {}],
    ['without an email', { email: undefined }, {}],
    ['of a service token', { email: undefined, common_name: 'x.access' }, {}],
    ['with an email that is no text', { email: ['ann@acme.example'] }, {}],
    ['signed with another key', {}, { kid: 'unknown' }],
  ])('%s', async (_, claims, header) => {
    const proof = await team.sign(claims, header)
    expect(await asPerson(proof)).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_management_token' } },
    })
  })

  test('that is altered, unsigned, signed otherwise or no JWT at all', async () => {
    const proof = await team.sign()
    const [header = '', payload = '', signature = ''] = proof.split('.')
    const part = (value: object): string =>
      btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')
    const forged = part({ email: 'ann@acme.example', iss: team.issuer, aud: [AUDIENCE] })
    for (const altered of [
      `${header}.${forged}.${signature}`,
      `${part({ alg: 'none' })}.${payload}.`,
      `${part({ alg: 'HS256', kid: 'k1' })}.${payload}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      'canary',
      '',
      '..',
      'a'.repeat(20_000),
    ]) {
      const answer = await asPerson(altered)
      expect(answer.status).toBe(401)
      expect(answer.text).not.toContain('canary')
    }
  })

  test('where Access is not set up', async () => {
    const headers = { 'cf-access-jwt-assertion': await team.sign() }
    const answer = await send('GET', `/${org}`, undefined, { authorization: null, headers })
    expect(answer).toMatchObject({
      status: 401,
      body: { error: { code: 'missing_management_token' } },
    })
  })

  test('for an audience that another setting accepts', async () => {
    const proof = await team.sign()
    expect((await asPerson(proof)).status).toBe(200)
    const env = { ...accessEnv(team, []), ACCESS_AUD: 'another-audience-00' }
    const headers = { 'cf-access-jwt-assertion': proof }
    const variation = { authorization: null, env, headers, fetch: team.fetch }
    expect((await send('GET', `/${org}`, undefined, variation)).status).toBe(401)
  })
})

describe('the team’s keys', () => {
  const fresh = (): Promise<Team> => newTeam(`team-${(count += 1)}`)

  test('are asked for once, where they are', async () => {
    const of = await fresh()
    for (let index = 0; index < 3; index++) await asPerson(await of.sign({ index }), { of })
    expect(of.asked).toEqual([`${of.issuer}/cdn-cgi/access/certs`])
  })

  test('are not asked for again by a flood of unknown keys', async () => {
    const of = await fresh()
    await asPerson(await of.sign(), { of })
    for (let index = 0; index < 5; index++) {
      const proof = await of.sign({ index }, { kid: `unknown-${index}` })
      expect((await asPerson(proof, { of })).status).toBe(401)
    }
    expect(of.asked).toHaveLength(1)
  })

  test('that cannot be read are an error that says so', async () => {
    const of = await fresh()
    const broken = { ...of, fetch: () => Promise.resolve(new Response('no', { status: 302 })) }
    expect(await asPerson(await of.sign(), { of: broken })).toMatchObject({
      status: 502,
      body: { error: { code: 'upstream_unreachable' } },
    })
  })
})

test.each([
  ['ACCESS_TEAM_DOMAIN', 'http://canary.example'],
  ['ACCESS_TEAM_DOMAIN', ''],
  ['ACCESS_AUD', ''],
  ['ACCESS_AUD', 'canary!'],
  ['ACCESS_ROLES', ''],
  ['ACCESS_ROLES', '{"canary":1}'],
  ['ACCESS_ROLES', '[{"email":"canary@x.example","organization":"*","role":"owner"}]'],
  [
    'ACCESS_ROLES',
    '[{"email":"a@x.example","organization":"org_0000000000000001","role":"canary"}]',
  ],
  ['ACCESS_ROLES', '[{"email":"canary","organization":"org_0000000000000001","role":"owner"}]'],
])('%s = %j is named and not repeated', async (name, value) => {
  const env = { ...accessEnv(team, []), [name]: value }
  const answer = await send('GET', '', undefined, { env })
  expect(answer).toMatchObject({ status: 500, body: { error: { code: 'misconfigured' } } })
  expect(answer.text).toContain(name)
  expect(answer.text).not.toContain('canary')
  expect(testEnv().ACCESS_AUD).toBeUndefined()
})
