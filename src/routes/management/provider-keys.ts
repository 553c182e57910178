import { Hono } from 'hono'
import * as z from 'zod/mini'
import { _default as withDefault } from 'zod/mini'
import {
  createProviderKey,
  deleteProviderKey,
  getProviderKey,
  listProviderKeys,
} from '../../storage/provider-keys.ts'
import { writeContext } from './context.ts'
import type { ManagementDependencies, ManagementEnv } from './context.ts'
import { entriesField, nameField, priorityField, providerField, switchField } from './fields.ts'
import { pageAnswer, readPage } from './paging.ts'
import { readBody } from './read-body.ts'
import { sourceOptions } from './source-options.ts'

/** An organization's own credentials at the providers. What goes in never comes out again. */
export function providerKeyRoutes(deps: ManagementDependencies): Hono<ManagementEnv> {
  const { providers } = deps
  const newProviderKey = z.strictObject({
    provider: providerField(providers.names),
    // Each provider has a form of its own for these two: the catalog checks them.
    provider_key: z.unknown().check(z.refine((value) => value !== undefined)),
    settings: z.optional(z.unknown()),
    name: nameField,
    api_key_ids: entriesField,
    priority: priorityField,
    models: withDefault(entriesField, []),
    disabled: switchField,
  })
  const app = new Hono<ManagementEnv>()

  app.post('/:org/provider-keys', async (c) => {
    const { provider_key, settings, ...input } = await readBody(c.req.raw, newProviderKey)
    const checked = {
      ...(await providers.parseCredential(input.provider, provider_key, sourceOptions(c))),
      settings: providers.parseSettings(input.provider, settings),
    }
    const key = { ...input, ...checked }
    return c.json(await createProviderKey(writeContext(c, deps), c.req.param('org'), key), 201)
  })

  app.get('/:org/provider-keys', async (c) => {
    const page = await listProviderKeys(c.env, c.req.param('org'), readPage(c, 'provider-keys'))
    return c.json(pageAnswer('provider-keys', page))
  })

  app.get('/:org/provider-keys/:id', async (c) =>
    c.json(await getProviderKey(c.env, c.req.param('org'), c.req.param('id'))),
  )

  app.delete('/:org/provider-keys/:id', async (c) => {
    await deleteProviderKey(c.env, c.req.param('org'), c.req.param('id'))
    return c.body(null, 204)
  })

  return app
}
