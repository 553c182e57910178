import { Hono } from 'hono/tiny'
import { GatewayError } from '../../core/errors.ts'
import {
  createOrganization,
  deleteOrganization,
  getOrganization,
  listOrganizations,
  republishOrganization,
  updateOrganization,
} from '../../storage/resources/organizations.ts'
import { resealOrganization } from '../../storage/resources/reseal.ts'
import { single } from './answers.ts'
import {
  type ManagementContext,
  type ManagementDependencies,
  type ManagementEnv,
  writeContext,
} from './context.ts'
import { hangUp } from './endpoint-status.ts'
import { pageAnswer, readPage } from './paging.ts'
import { requireAdministrator } from './principal.ts'
import { readBody } from './read-body.ts'
import { newOrganization, organizationPatch } from './schemas/organizations.ts'

/** The organizations of this deployment. */
export function organizationRoutes(deps: ManagementDependencies): Hono<ManagementEnv> {
  const app = new Hono<ManagementEnv>()

  app.post('/', async (c) => {
    requireAdministrator(c.get('principal'))
    const input = await readBody(c.req.raw, newOrganization)
    return single(c, await createOrganization(writeContext(c, deps), input), 201)
  })

  app.get('/', async (c) => c.json(await visibleOrganizations(c)))

  app.get('/:org', async (c) => single(c, await getOrganization(c.env, c.req.param('org'))))

  app.patch('/:org', async (c) => {
    const patch = await readBody(c.req.raw, organizationPatch)
    return single(c, await updateOrganization(writeContext(c, deps), c.req.param('org'), patch))
  })

  app.delete('/:org', async (c) => {
    const organizationId = c.req.param('org')
    const endpointIds = await deleteOrganization(writeContext(c, deps), organizationId)
    await hangUp(c.env, organizationId, endpointIds)
    return c.body(null, 204)
  })

  app.post('/:org/reseal', async (c) =>
    c.json(await resealOrganization(writeContext(c, deps), c.req.param('org'))),
  )

  app.post('/:org/republish', async (c) =>
    c.json(await republishOrganization(writeContext(c, deps), c.req.param('org'))),
  )

  return app
}

/** All of them for the administrator; for everyone else their own, which are few. */
async function visibleOrganizations(c: ManagementContext) {
  const principal = c.get('principal')
  const page = readPage(c, 'organizations')
  if (principal.kind === 'administrator') {
    return pageAnswer('organizations', await listOrganizations(c.env, page))
  }
  const ids = [...principal.roles.keys()].slice(page.after)
  const shown = ids.slice(0, page.limit)
  const found = await Promise.all(shown.map((id) => organizationOrNothing(c, id)))
  const next = ids.length > shown.length ? page.after + shown.length : null
  return pageAnswer('organizations', { items: found.filter((item) => item !== undefined), next })
}

async function organizationOrNothing(c: ManagementContext, id: string) {
  try {
    const { version: _, ...organization } = await getOrganization(c.env, id)
    return organization
  } catch (error) {
    // A role can be given in an organization that has been deleted since.
    if (error instanceof GatewayError && error.code === 'not_found') return undefined
    throw error
  }
}
