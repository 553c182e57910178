import { Hono } from 'hono/tiny'
import { createToken, deleteToken, listTokens } from '../../storage/resources/tokens.ts'
import { single } from './answers.ts'
import { type ManagementDependencies, type ManagementEnv, writeContext } from './context.ts'
import { pageAnswer, readPage } from './paging.ts'
import { placeOf } from './place.ts'
import { readBody } from './read-body.ts'
import { newToken } from './schemas/tokens.ts'

/** The tokens that an organization is managed with. Only owners make and revoke them: see authorize.ts. */
export function tokenRoutes(deps: ManagementDependencies): Hono<ManagementEnv> {
  const creation = newToken(deps.now)
  const app = new Hono<ManagementEnv>()

  app.post('/:org/tokens', async (c) => {
    const input = await readBody(c.req.raw, creation)
    return single(c, await createToken(writeContext(c, deps), c.req.param('org'), input), 201)
  })

  app.get('/:org/tokens', async (c) => {
    const page = await listTokens(c.env, c.req.param('org'), readPage(c, 'tokens'))
    return c.json(pageAnswer('tokens', page))
  })

  app.delete('/:org/tokens/:id', async (c) => {
    await deleteToken(writeContext(c, deps), placeOf(c))
    return c.body(null, 204)
  })

  return app
}
