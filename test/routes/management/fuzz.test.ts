import { runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { dump, kvEntries, recordOf } from '../../storage/world.ts'
import { aProviderKey, create, newOrganization, send } from './client.ts'
import { everyRoute } from './every-route.ts'

/** Whatever is sent to whichever route: a 4xx, nothing stored, nothing thrown. */

const FIELDS = [
  'name',
  'metering',
  'models',
  'providers',
  'disabled',
  'expires_at',
  'provider',
  'provider_key',
  'settings',
  'api_key_ids',
  'priority',
  'overlap_seconds',
  'base_url',
  'reach',
  'auth',
  'api_key',
  'headers',
  'default_model',
  'capabilities',
  'timeouts',
  'targets',
  'strategy',
  'sticky',
  'hedge_after_ms',
  'role',
  'revoke_others',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
]

/** Something that no field takes for what it is: the request as a whole must be refused. */
const STRANGER = { 'no such field': 1 }

let org = ''
const ids: Record<string, string> = {}

beforeAll(async () => {
  org = await newOrganization()
  ids['api-keys'] = await create(`/${org}/api-keys`, { name: 'a' })
  ids['provider-keys'] = await create(`/${org}/provider-keys`, aProviderKey)
  ids['endpoints'] = await create(`/${org}/endpoints`, { name: 'e', reach: 'connector' })
  ids['routes'] = await create(`/${org}/routes`, { name: 'r', targets: [{ model: 'one/a' }] })
  ids['tokens'] = await create(`/${org}/tokens`, { name: 't', role: 'viewer' })
})

async function stored(): Promise<string> {
  const rows = await runInDurableObject(recordOf(org), (_, state) => dump(state))
  return rows + JSON.stringify(await kvEntries())
}

function pathTo(path: string): string {
  const [, , resource = ''] = path.split('/')
  return path.replace(':org', org).replace(':id', ids[resource] ?? 'none')
}

const values = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(null, true, 0, -1, 1e308, 2 ** 53, [], {}, '\u0000', '\ud800', '__proto__'),
  fc.integer({ min: 2, max: 20_000 }).map((length) => 'x'.repeat(length)),
)

const objects = fc
  .dictionary(fc.oneof(fc.constantFrom(...FIELDS), fc.string({ maxLength: 20 })), values, {
    maxKeys: 6,
  })
  .map((fields) => JSON.stringify({ ...fields, ...STRANGER }))

const texts = fc.oneof(
  objects,
  fc
    .jsonValue()
    .filter((value) => typeof value !== 'object' || value === null || Array.isArray(value))
    .map((value) => JSON.stringify(value)),
  fc
    .string({ unit: 'binary', maxLength: 200 })
    .filter((text) => text !== '' && !text.startsWith('{')),
  fc
    .integer({ min: 100, max: 50_000 })
    .map((depth) => `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  fc
    .integer({ min: 100, max: 20_000 })
    .map(
      (depth) =>
        `{"targets":[{"model":"one/a","overrides":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}],"x":1}`,
    ),
  fc.constantFrom(
    '{"__proto__":{"name":"x"}}',
    '{"name":"a","name":1,"x":1}',
    `{"x":"${'y'.repeat(1_100_000)}"}`,
  ),
)

// A route that takes no body does with any what it does with none.
const withBody = everyRoute.filter(
  ({ method, path }) =>
    (method === 'POST' || method === 'PATCH') && !/\/(?:reseal|republish|test)$/.test(path),
)

describe.each(withBody)('$method $path', ({ method, path }) => {
  test('refuses any body that is not one of its own', async () => {
    const before = await stored()
    await fc.assert(
      fc.asyncProperty(texts, async (body) => {
        const answer = await send(method, pathTo(path), body)
        expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
        expect(answer.status, answer.text).toBeLessThan(500)
        expect(answer.body).toHaveProperty('error.code')
      }),
      { numRuns: 60 },
    )
    expect(await stored()).toBe(before)
  })
})

const hostile = fc.oneof(
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    .map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '%00',
    '%E0%A4%A',
    '..%2F..',
    '%2e%2e',
    "' OR 1=1 --",
    'a'.repeat(5000),
  ),
)

describe.each(everyRoute.filter(({ path }) => path.includes(':org')))('$method $path', (route) => {
  test('refuses any id that is not one of its own', async () => {
    const before = await stored()
    await fc.assert(
      fc.asyncProperty(hostile, fc.boolean(), async (id, inOrganization) => {
        const isId = inOrganization && route.path.includes(':id')
        const path = isId
          ? route.path.replace(':org', org).replace(':id', encodeURI(decodeSafely(id)))
          : route.path.replace(':org', encodeURI(decodeSafely(id))).replace(':id', 'none')
        const answer = await send(route.method, path, route.method === 'GET' ? undefined : {})
        expect([400, 404], `${path} ${answer.text}`).toContain(answer.status)
      }),
      { numRuns: 40 },
    )
    expect(await stored()).toBe(before)
  })
})

/** As it is where it cannot be decoded: a broken escape is hostile too. */
function decodeSafely(text: string): string {
  return text.replaceAll('/', '%2F').replaceAll('?', '%3F').replaceAll('#', '%23')
}

test('any query of a list is answered or refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        'limit',
        'cursor',
        'since',
        'until',
        'actor',
        'action',
        'resource',
        '__proto__',
        'x',
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('', `/${org}/api-keys`, `/${org}/audit-log`, `/${org}/endpoints`),
      async (name, value, path) => {
        const query = `?${name}=${encodeURIComponent(value.toWellFormed())}`
        expect([200, 400]).toContain((await send('GET', path + query)).status)
      },
    ),
    { numRuns: 300 },
  )
})

test('any conditional header is answered or refused', async () => {
  const header = fc.oneof(
    fc.string({ maxLength: 300 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '')),
    fc.constantFrom('*', '"1"', '"1","1"', '""', ','.repeat(10_000), '"99999999999999999999"'),
  )
  await fc.assert(
    fc.asyncProperty(header, async (value) => {
      const headers = { 'if-match': value, 'idempotency-key': value }
      const path = `/${org}/api-keys/${ids['api-keys']}`
      expect([200, 400, 412]).toContain((await send('PATCH', path, {}, { headers })).status)
      const answer = await send('POST', `/${org}/api-keys`, STRANGER, { headers })
      expect(answer.status).toBe(400)
    }),
    { numRuns: 200 },
  )
})
