import { beforeAll, describe, expect, test } from 'vitest'
import { accessEnv, newTeam } from './access-team.ts'
import { aProviderKey, create, newOrganization, send, type Variation } from './client.ts'
import { everyRoute } from './every-route.ts'

/** Every route × everyone who may ask × their own organization or another: exactly the expected status. */

const ASKING = [
  'nobody',
  'a stranger',
  'an API key',
  'a viewer',
  'an admin',
  'an owner',
  'a person',
  'the administrator',
] as const
type Asking = (typeof ASKING)[number]

/** What each kind of route needs; the rest of the table follows from it. */
type Need = 'viewer' | 'admin' | 'owner' | 'administrator'

const RANK = { viewer: 1, admin: 2, owner: 3, administrator: 4 } as const
/** The person's email has the role admin in one organization. */
const RANK_OF: Partial<Record<Asking, number>> = {
  'a viewer': 1,
  'an admin': 2,
  'an owner': 3,
  'a person': 2,
  'the administrator': 4,
}

const BODIES: Readonly<Record<string, object>> = {
  '': { name: 'Acme' },
  '/:org/api-keys': { name: 'a' },
  '/:org/provider-keys': aProviderKey,
  '/:org/endpoints': { name: 'e', reach: 'connector' },
  '/:org/routes': { name: 'r', targets: [{ model: 'one/a' }] },
  '/:org/tokens': { name: 't', role: 'viewer' },
}

const SUCCESS: Readonly<Record<string, number>> = {
  'POST /:org/reseal': 200,
  'POST /:org/republish': 200,
  'POST /:org/api-keys/:id/rotate': 200,
  'POST /:org/provider-keys/:id/test': 404,
  'POST /:org/endpoints/:id/test': 404,
}

function needOf(method: string, path: string): Need {
  if (method === 'GET') return 'viewer'
  if (path === '') return 'administrator'
  return path.startsWith('/:org/tokens') ? 'owner' : 'admin'
}

function statusWhereAllowed(method: string, path: string): number {
  const named = SUCCESS[`${method} ${path}`]
  if (named !== undefined) return named
  if (method === 'DELETE') return 204
  return method === 'POST' ? 201 : 200
}

function expectedStatus(route: { method: string; path: string }, asking: Asking, own: boolean) {
  const { method, path } = route
  const rank = RANK_OF[asking]
  if (rank === undefined) return 401
  const isTheirs = own || path === '' || asking === 'the administrator'
  if (!isTheirs) return 404
  return rank >= RANK[needOf(method, path)] ? statusWhereAllowed(method, path) : 403
}

const team = await newTeam('roles')

let others: { org: string; variations: Record<Asking, Variation> }

/** An organization with everyone who can ask, and whatever the route's `:id` is to name. */
async function world() {
  const org = await newOrganization()
  const token = async (role: string): Promise<string> => {
    const { body } = await send('POST', `/${org}/tokens`, { name: role, role })
    return `Bearer ${String(body['token'])}`
  }
  const key = await send('POST', `/${org}/api-keys`, { name: 'k' })
  const email = 'ann@acme.example'
  const variations: Record<Asking, Variation> = {
    nobody: { authorization: null },
    'a stranger': { authorization: 'Bearer kwm_000000000000000000000000000000000000000000000000' },
    'an API key': { authorization: `Bearer ${String(key.body['key'])}` },
    'a viewer': { authorization: await token('viewer') },
    'an admin': { authorization: await token('admin') },
    'an owner': { authorization: await token('owner') },
    'a person': {
      authorization: null,
      env: accessEnv(team, [{ email, organization: org, role: 'admin' }]),
      headers: { 'cf-access-jwt-assertion': await team.sign({ email, org }) },
      fetch: team.fetch,
    },
    'the administrator': {},
  }
  return { org, variations }
}

async function pathIn(org: string, { path }: { path: string }): Promise<string> {
  const [, , resource = ''] = path.split('/')
  const body = BODIES[`/:org/${resource}`] ?? {}
  // The provider keys' test has no provider of this test's catalog to call: it needs none to be refused.
  const needsId = path.includes(':id') && !path.endsWith('/test')
  const id = needsId ? await create(`/${org}/${resource}`, body) : 'none'
  return path.replace(':org', org).replace(':id', id)
}

beforeAll(async () => {
  others = await world()
})

describe.each(everyRoute)('$method $path', (route) => {
  test.each(ASKING.flatMap((asking) => [[asking, 'own'] as const, [asking, 'other'] as const]))(
    'for %s, in their %s organization',
    async (asking, whose) => {
      const { org, variations } =
        whose === 'own' ? await world() : { ...others, org: await newOrganization() }
      const path = await pathIn(org, route)
      const body = route.method === 'GET' || route.method === 'DELETE' ? undefined : bodyOf(route)
      const answer = await send(route.method, path, body, variations[asking])
      expect(answer.status, answer.text).toBe(expectedStatus(route, asking, whose === 'own'))
    },
  )
})

function bodyOf({ method, path }: { method: string; path: string }): object {
  return method === 'POST' ? { ...BODIES[path] } : {}
}

test('another organization answers exactly like one that does not exist', async () => {
  const { org } = await world()
  const owner = others.variations['an owner']
  for (const { method, path } of everyRoute.filter((route) => route.path !== '')) {
    const ask = (id: string) =>
      send(method, path.replace(':org', id), method === 'GET' ? undefined : {}, owner)
    const [theirs, nobodys] = [await ask(org), await ask('org_0000000000000009')]
    expect([theirs.status, theirs.text.replaceAll(/req_\w+/g, '')]).toEqual([
      nobodys.status,
      nobodys.text.replaceAll(/req_\w+/g, ''),
    ])
  }
})
