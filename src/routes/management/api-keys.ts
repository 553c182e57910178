import { Hono } from 'hono'
import * as z from 'zod/mini'
import { _default as withDefault } from 'zod/mini'
import { createApiKey, deleteApiKey, getApiKey, listApiKeys } from '../../storage/api-keys.ts'
import { writeContext } from './context.ts'
import type { ManagementDependencies, ManagementEnv } from './context.ts'
import { entriesField, futureField, nameField, providerField, switchField } from './fields.ts'
import { pageAnswer, readPage } from './paging.ts'
import { readBody } from './read-body.ts'

/** The API keys that an organization's applications call with. */
export function apiKeyRoutes(deps: ManagementDependencies): Hono<ManagementEnv> {
  const newApiKey = z.strictObject({
    name: nameField,
    expires_at: withDefault(z.nullable(futureField(deps.now)), null),
    providers: withDefault(z.array(providerField(deps.providers.names)), []),
    models: withDefault(entriesField, []),
    disabled: switchField,
  })
  const app = new Hono<ManagementEnv>()

  app.post('/:org/api-keys', async (c) => {
    const input = await readBody(c.req.raw, newApiKey)
    return c.json(await createApiKey(writeContext(c, deps), c.req.param('org'), input), 201)
  })

  app.get('/:org/api-keys', async (c) => {
    const page = await listApiKeys(c.env, c.req.param('org'), readPage(c, 'api-keys'))
    return c.json(pageAnswer('api-keys', page))
  })

  app.get('/:org/api-keys/:id', async (c) =>
    c.json(await getApiKey(c.env, c.req.param('org'), c.req.param('id'))),
  )

  app.delete('/:org/api-keys/:id', async (c) => {
    await deleteApiKey(c.env, c.req.param('org'), c.req.param('id'))
    return c.body(null, 204)
  })

  return app
}
