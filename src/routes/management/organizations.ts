import { Hono } from 'hono'
import * as z from 'zod/mini'
import { _default as withDefault } from 'zod/mini'
import {
  createOrganization,
  deleteOrganization,
  getOrganization,
  listOrganizations,
} from '../../storage/organizations.ts'
import { writeContext } from './context.ts'
import type { ManagementDependencies, ManagementEnv } from './context.ts'
import { nameField } from './fields.ts'
import { pageAnswer, readPage } from './paging.ts'
import { readBody } from './read-body.ts'

const newOrganization = z.strictObject({
  name: nameField,
  metering: withDefault(z.enum(['universal', 'all', 'off']), 'universal'),
})

/** The organizations of this deployment. */
export function organizationRoutes(deps: ManagementDependencies): Hono<ManagementEnv> {
  const app = new Hono<ManagementEnv>()

  app.post('/', async (c) => {
    const input = await readBody(c.req.raw, newOrganization)
    return c.json(await createOrganization(writeContext(c, deps), input), 201)
  })

  app.get('/', async (c) =>
    c.json(
      pageAnswer('organizations', await listOrganizations(c.env, readPage(c, 'organizations'))),
    ),
  )

  app.get('/:org', async (c) => c.json(await getOrganization(c.env, c.req.param('org'))))

  app.delete('/:org', async (c) => {
    await deleteOrganization(c.env, c.req.param('org'))
    return c.body(null, 204)
  })

  return app
}
