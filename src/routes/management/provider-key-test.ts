import { Hono } from 'hono/tiny'
import { probeProviderKey } from '../../gateway/probe/probe-provider-key.ts'
import { getSealedProviderKey } from '../../storage/resources/provider-keys.ts'
import { dependenciesOf } from '../dependencies-of.ts'
import type { ManagementEnv } from './context.ts'

/** Trying a provider key out. Whatever the provider says, the test itself went well. */
export function providerKeyTestRoutes(): Hono<ManagementEnv> {
  const app = new Hono<ManagementEnv>()

  app.post('/:org/provider-keys/:id/test', async (c) => {
    const organizationId = c.req.param('org')
    const place = { organizationId, id: c.req.param('id') }
    const { provider, key } = await getSealedProviderKey(c.env, place)
    return c.json(await probeProviderKey({ organizationId, provider, key }, dependenciesOf(c)))
  })

  return app
}
