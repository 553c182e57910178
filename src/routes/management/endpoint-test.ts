import { Hono } from 'hono/tiny'
import { probeEndpoint } from '../../gateway/probe/probe-endpoint.ts'
import { getEndpointRecord } from '../../storage/resources/endpoints.ts'
import { dependenciesOf } from '../dependencies-of.ts'
import type { ManagementEnv } from './context.ts'
import { placeOf } from './place.ts'

/** Trying a private endpoint out. Whatever comes of it, the test itself went well. */
export function endpointTestRoutes(): Hono<ManagementEnv> {
  const app = new Hono<ManagementEnv>()

  app.post('/:org/endpoints/:id/test', async (c) => {
    const place = placeOf(c)
    const endpoint = await getEndpointRecord(c.env, place)
    const ownHost = new URL(c.req.url).host
    const { organizationId } = place
    return c.json(await probeEndpoint({ organizationId, endpoint, ownHost }, dependenciesOf(c)))
  })

  return app
}
