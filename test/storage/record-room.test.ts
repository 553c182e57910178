import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import {
  createEndpoint,
  type EndpointFields,
  updateEndpoint,
} from '../../src/storage/resources/endpoints.ts'
import { createRoute, type RouteFields, updateRoute } from '../../src/storage/resources/routes.ts'
import { outboxOf } from './outbox-world.ts'
import { newOrganization, recordOf, writer } from './world.ts'

const MIB = 1024 * 1024

const longText = (length: number) => [
  { model: 'openai/a', overrides: { user: 'u'.repeat(length) } },
]

const aRoute = (name: string, length: number): RouteFields => ({
  name,
  strategy: 'fallback',
  sticky: 'conversation',
  hedge_after_ms: null,
  timeouts: {},
  targets: longText(length),
})

const anEndpoint: EndpointFields = {
  name: 'lab',
  kind: 'openai-compatible',
  base_url: 'https://models.example/v1',
  reach: 'url',
  auth: 'bearer',
  api_key: 'a-secret-to-take-away',
  headers: { 'x-secret': 's'.repeat(1000) },
  models: ['m'],
  default_model: null,
  capabilities: {},
  timeouts: {},
}

/** Puts so many copies of the only route beside it, which is quicker than to make them. */
const copyRoute = (org: string, count: number): Promise<void> =>
  runInDurableObject(recordOf(org), (_, { storage: { sql } }) => {
    sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        INSERT INTO routes (id, name, strategy, sticky, timeouts, targets, created_at, created_by,
          updated_at)
        SELECT id || i, name || i, strategy, sticky, timeouts, targets, created_at, created_by,
          updated_at FROM routes, n`,
      count,
    )
  })

const refusedFor = (param: string) => ({
  code: 'conflict',
  message: expect.stringContaining(param),
  details: { param },
})

test('endpoints and routes are together no more than KV takes, and become less at any time', async () => {
  const org = await newOrganization()
  const { id: endpointId } = await createEndpoint(writer(), org, anEndpoint)
  const endpoint = { organizationId: org, id: endpointId }
  const { id: routeId } = await createRoute(writer(), org, aRoute('first', 20_000))
  // More than there may be by now, as it can be in a record of a version that had no such limit.
  await copyRoute(org, 110)
  await expect(createRoute(writer(), org, aRoute('last', 20_000))).rejects.toMatchObject(
    refusedFor('targets'),
  )
  const models = Array.from({ length: 100 }, (_, at) => `${at}`.padEnd(200, 'm'))
  await expect(
    createEndpoint(writer(), org, { ...anEndpoint, name: 'other', models }),
  ).rejects.toMatchObject(refusedFor('models'))
  const headers = { 'x-secret': 's'.repeat(20_000) }
  await expect(updateEndpoint(writer(), endpoint, { headers })).rejects.toMatchObject(
    refusedFor('headers'),
  )

  await updateEndpoint(writer(), endpoint, { api_key: null, headers: null })
  await updateRoute(writer(), { organizationId: org, id: routeId }, { targets: longText(19_000) })
  const text = (await env.KEYWAY.get(`org/${org}`)) ?? ''
  expect(JSON.parse(text)).toMatchObject({ endpoints: [{ id: endpointId, sealed_headers: null }] })
  expect(text.length).toBeGreaterThan(2 * MIB)
  expect(text.length).toBeLessThan(3 * MIB)
  expect(await outboxOf(org)).toEqual([])
})
