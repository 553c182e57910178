import { Hono } from 'hono/tiny'
import { providerCatalog } from '../providers/catalog.ts'
import type { Env } from '../storage/env.ts'
import type { AppContext } from './data-plane.ts'

type App = Hono<{ Bindings: Env }>

/**
 * The control plane and the description of all. Their modules are run when the first request for them comes: an isolate
 * that only serves calls starts a fifth faster without. `finish` gives whatever it answers its errors.
 */
export function controlPlane(finish: (app: App) => App): App {
  // The plane itself is kept, never a promise of it: the platform may drop that with the request that made it.
  let plane: App | undefined
  const answer = async ({ req, env, executionCtx }: AppContext): Promise<Response> => {
    plane ??= finish(await loadControlPlane())
    return await plane.fetch(req.raw, env, executionCtx)
  }
  return new Hono<{ Bindings: Env }>()
    .all('/v1/organizations', answer)
    .all('/v1/organizations/*', answer)
    .all('/openapi.json', answer)
}

/** All of its routes. */
export async function loadControlPlane(): Promise<App> {
  const [{ managementRoutes }, { openApiRoutes }] = await Promise.all([
    import('./management/routes.ts'),
    import('./openapi/routes.ts'),
  ])
  return new Hono<{ Bindings: Env }>()
    .route('/v1/organizations', managementRoutes(providerCatalog))
    .route('/', openApiRoutes(providerCatalog.names))
}
