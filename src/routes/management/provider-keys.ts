import { Hono } from 'hono/tiny'
import type { ProviderKey } from '../../storage/organization/entities.ts'
import {
  createProviderKey,
  deleteProviderKey,
  getProviderKey,
  listProviderKeys,
  updateProviderKey,
} from '../../storage/resources/provider-keys.ts'
import { single } from './answers.ts'
import { type ManagementDependencies, type ManagementEnv, writeContext } from './context.ts'
import { pageAnswer, readPage } from './paging.ts'
import { placeOf } from './place.ts'
import { readBody } from './read-body.ts'
import { newProviderKey, providerKeyPatch } from './schemas/provider-keys.ts'
import { withShownHealth } from './shown-health.ts'
import { sourceOptions } from './source-options.ts'

/** An organization's own credentials at the providers. What goes in never comes out again. */
export function providerKeyRoutes(deps: ManagementDependencies): Hono<ManagementEnv> {
  const { providers } = deps
  const creation = newProviderKey(providers.names)
  const shown = <Key extends ProviderKey>(key: Key) => withShownHealth(key, deps.now().getTime())
  const app = new Hono<ManagementEnv>()

  app.post('/:org/provider-keys', async (c) => {
    const { provider_key, settings, ...input } = await readBody(c.req.raw, creation)
    const checked = {
      ...(await providers.parseCredential(input.provider, provider_key, sourceOptions(c))),
      settings: providers.parseSettings(input.provider, settings),
    }
    const key = { ...input, ...checked }
    const made = await createProviderKey(writeContext(c, deps), c.req.param('org'), key)
    return single(c, shown(made), 201)
  })

  app.get('/:org/provider-keys', async (c) => {
    const page = await listProviderKeys(c.env, c.req.param('org'), readPage(c, 'provider-keys'))
    return c.json(pageAnswer('provider-keys', { ...page, items: page.items.map(shown) }))
  })

  app.get('/:org/provider-keys/:id', async (c) =>
    single(c, shown(await getProviderKey(c.env, placeOf(c)))),
  )

  app.patch('/:org/provider-keys/:id', async (c) => {
    const patch = await readBody(c.req.raw, providerKeyPatch)
    const { provider_key, settings, ...fields } = patch
    // A key stays with its provider, so what is read here is still so when the change is made.
    const { provider } = await getProviderKey(c.env, placeOf(c))
    const replacement = Object.hasOwn(patch, 'provider_key')
      ? { replacement: await providers.parseCredential(provider, provider_key, sourceOptions(c)) }
      : {}
    const checked = Object.hasOwn(patch, 'settings')
      ? { settings: providers.parseSettings(provider, settings) }
      : {}
    const change = { ...fields, ...checked, ...replacement }
    return single(c, shown(await updateProviderKey(writeContext(c, deps), placeOf(c), change)))
  })

  app.delete('/:org/provider-keys/:id', async (c) => {
    await deleteProviderKey(writeContext(c, deps), placeOf(c))
    return c.body(null, 204)
  })

  return app
}
