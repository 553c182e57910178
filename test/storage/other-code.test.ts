import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { getOrganization } from '../../src/storage/resources/organizations.ts'
import { createRoute, updateRoute } from '../../src/storage/resources/routes.ts'
import { createToken, holderOf, listTokens } from '../../src/storage/resources/tokens.ts'
import { newOrganization, testEnv, writer } from './world.ts'

/** Objects that a deployment left in the version before, or that have too much to do. */

const route = {
  name: 'smart',
  strategy: 'fallback',
  sticky: 'conversation',
  hedge_after_ms: null,
  timeouts: {},
  targets: [{ model: 'openai/gpt-5' }],
} as const

const unavailable = {
  code: 'unavailable',
  status: 503,
  retryable: true,
  details: { retryAfterSeconds: 5 },
}

afterEach(() => {
  vi.restoreAllMocks()
})

test('a field that the object does not know yet can be sent again, and nothing is stored', async () => {
  const org = await newOrganization()
  const { id } = await createRoute(writer(), org, route)
  const before = await env.KEYWAY.get(`org/${org}`)
  const change = { name: 'other', from_the_future: 1 }
  await expect(updateRoute(writer(), { organizationId: org, id }, change)).rejects.toMatchObject(
    unavailable,
  )
  await expect(createRoute(writer(), org, { ...route, ...change })).rejects.toMatchObject(
    unavailable,
  )
  expect(await env.KEYWAY.get(`org/${org}`)).toBe(before)
})

test('a method that the object does not know yet can be called again', async () => {
  const org = await newOrganization()
  const object = env.ORGANIZATION.getByName(org)
  const unknown = Reflect.get(object, 'fromTheFuture') as typeof object.insertOwned
  vi.spyOn(env.ORGANIZATION, 'getByName').mockReturnValue(new Proxy(object, { get: () => unknown }))
  await expect(createRoute(writer(), org, route)).rejects.toMatchObject(unavailable)
})

test('what is asked of an object that is away can be asked again, a management token too', async () => {
  const org = await newOrganization()
  const { token } = await createToken(writer(), org, { name: 't', role: 'owner', expires_at: null })
  vi.spyOn(env.ORGANIZATION, 'getByName').mockImplementation(() => {
    throw Object.assign(new Error('the object is away'), { retryable: true })
  })
  await expect(holderOf(testEnv(), token, new Date())).rejects.toMatchObject(unavailable)
  await expect(getOrganization(testEnv(), org)).rejects.toMatchObject(unavailable)
  const page = { after: 0, limit: 1 }
  await expect(listTokens(testEnv(), org, page)).rejects.toMatchObject(unavailable)
})

test.each([
  [{ retryable: true }, unavailable],
  [{ overloaded: true }, unavailable],
  [{}, { message: 'the object is away' }],
])('an error with %j', async (marks, expected) => {
  const org = await newOrganization()
  vi.spyOn(env.ORGANIZATION, 'getByName').mockImplementation(() => {
    throw Object.assign(new Error('the object is away'), marks)
  })
  await expect(createRoute(writer(), org, route)).rejects.toMatchObject(expected)
})
