import { Hono } from 'hono'
import type { MiddlewareHandler } from 'hono'
import { newRequestId } from '../data-plane.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { requireManagementToken } from './authenticate.ts'
import type { ManagementDependencies, ManagementEnv } from './context.ts'
import { organizationRoutes } from './organizations.ts'
import type { ProviderCatalog } from './provider-catalog.ts'
import { providerKeyRoutes } from './provider-keys.ts'

const platform: Omit<ManagementDependencies, 'providers'> = {
  now: () => new Date(),
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
}

/** The control plane, to be mounted at `/v1/organizations`. What it throws is for the application's error handler. */
export function managementRoutes(
  providers: ProviderCatalog,
  { now, randomBytes } = platform,
): Hono<ManagementEnv> {
  const deps = { providers, now, randomBytes }
  const app = new Hono<ManagementEnv>()
  app.use('*', requestId, requireManagementToken())
  app.route('/', organizationRoutes(deps))
  app.route('/', apiKeyRoutes(deps))
  app.route('/', providerKeyRoutes(deps))
  return app
}

/** An error's answer has its own id, which is also in the log; every other answer gets one here. */
const requestId: MiddlewareHandler = async function requestId(c, next) {
  await next()
  if (!c.res.headers.has('x-keyway-request-id')) c.header('x-keyway-request-id', newRequestId())
}
