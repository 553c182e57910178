import { Hono } from 'hono/tiny'
import {
  createRoute,
  deleteRoute,
  getRoute,
  listRoutes,
  updateRoute,
} from '../../storage/resources/routes.ts'
import { single } from './answers.ts'
import { type ManagementDependencies, type ManagementEnv, writeContext } from './context.ts'
import { pageAnswer, readPage } from './paging.ts'
import { placeOf } from './place.ts'
import { readBody } from './read-body.ts'
import { newRoute, routePatch } from './schemas/routes.ts'

/** An organization's own names for models: the resource called route. */
export function modelRouteRoutes(deps: ManagementDependencies): Hono<ManagementEnv> {
  const creation = newRoute(deps.providers.names)
  const patch = routePatch(deps.providers.names)
  const app = new Hono<ManagementEnv>()

  app.post('/:org/routes', async (c) => {
    const input = await readBody(c.req.raw, creation)
    return single(c, await createRoute(writeContext(c, deps), c.req.param('org'), input), 201)
  })

  app.get('/:org/routes', async (c) => {
    const page = await listRoutes(c.env, c.req.param('org'), readPage(c, 'routes'))
    return c.json(pageAnswer('routes', page))
  })

  app.get('/:org/routes/:id', async (c) => single(c, await getRoute(c.env, placeOf(c))))

  app.patch('/:org/routes/:id', async (c) => {
    const fields = await readBody(c.req.raw, patch)
    return single(c, await updateRoute(writeContext(c, deps), placeOf(c), fields))
  })

  app.delete('/:org/routes/:id', async (c) => {
    await deleteRoute(writeContext(c, deps), placeOf(c))
    return c.body(null, 204)
  })

  return app
}
