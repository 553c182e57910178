import { Hono } from 'hono/tiny'
import {
  createApiKey,
  deleteApiKey,
  getApiKey,
  listApiKeys,
  rotateApiKey,
  updateApiKey,
} from '../../storage/resources/api-keys.ts'
import { single } from './answers.ts'
import { type ManagementDependencies, type ManagementEnv, writeContext } from './context.ts'
import { pageAnswer, readPage } from './paging.ts'
import { placeOf } from './place.ts'
import { readBody, readOptionalBody } from './read-body.ts'
import { apiKeyPatch, newApiKey, rotation } from './schemas/api-keys.ts'

/** The API keys that an organization's applications call with. */
export function apiKeyRoutes(deps: ManagementDependencies): Hono<ManagementEnv> {
  const world = { providers: deps.providers.names, now: deps.now }
  const creation = newApiKey(world)
  const patch = apiKeyPatch(world)
  const app = new Hono<ManagementEnv>()

  app.post('/:org/api-keys', async (c) => {
    const input = await readBody(c.req.raw, creation)
    return single(c, await createApiKey(writeContext(c, deps), c.req.param('org'), input), 201)
  })

  app.get('/:org/api-keys', async (c) => {
    const page = await listApiKeys(c.env, c.req.param('org'), readPage(c, 'api-keys'))
    return c.json(pageAnswer('api-keys', page))
  })

  app.get('/:org/api-keys/:id', async (c) => single(c, await getApiKey(c.env, placeOf(c))))

  app.patch('/:org/api-keys/:id', async (c) => {
    const fields = await readBody(c.req.raw, patch)
    return single(c, await updateApiKey(writeContext(c, deps), placeOf(c), fields))
  })

  app.delete('/:org/api-keys/:id', async (c) => {
    await deleteApiKey(writeContext(c, deps), placeOf(c))
    return c.body(null, 204)
  })

  app.post('/:org/api-keys/:id/rotate', async (c) => {
    const { overlap_seconds } = await readOptionalBody(c.req.raw, rotation)
    return single(c, await rotateApiKey(writeContext(c, deps), placeOf(c), overlap_seconds))
  })

  return app
}
