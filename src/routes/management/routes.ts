import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono/tiny'
import { newRequestId } from '../data-plane.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { auditLogRoutes } from './audit-log.ts'
import { requirePrincipal } from './authenticate.ts'
import { noteIdempotencyKey, requireOwnerForWriting, requireRoleForMethod } from './authorize.ts'
import type { ManagementDependencies, ManagementEnv } from './context.ts'
import { endpointTestRoutes } from './endpoint-test.ts'
import { endpointRoutes } from './endpoints.ts'
import { modelRouteRoutes } from './model-routes.ts'
import { organizationRoutes } from './organizations.ts'
import type { ProviderCatalog } from './provider-catalog.ts'
import { providerKeyTestRoutes } from './provider-key-test.ts'
import { providerKeyRoutes } from './provider-keys.ts'
import { tokenRoutes } from './tokens.ts'
import { usageRoutes } from './usage.ts'

const platform: Omit<ManagementDependencies, 'providers'> = {
  now: () => new Date(),
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  fetch: (input, init) => fetch(input, init),
}

/** The control plane, to be mounted at `/v1/organizations`. What it throws is for the application's error handler. */
export function managementRoutes(
  providers: ProviderCatalog,
  world: Partial<Omit<ManagementDependencies, 'providers'>> = {},
): Hono<ManagementEnv> {
  const deps = { ...platform, ...world, providers }
  const app = new Hono<ManagementEnv>()
  app.use('*', requestId, requirePrincipal(deps))
  app.use('/:org/*', requireRoleForMethod)
  app.use('/:org/tokens/*', requireOwnerForWriting)
  app.use('*', noteIdempotencyKey)
  app.route('/', organizationRoutes(deps))
  app.route('/', apiKeyRoutes(deps))
  app.route('/', providerKeyRoutes(deps))
  app.route('/', providerKeyTestRoutes())
  app.route('/', endpointRoutes(deps))
  app.route('/', endpointTestRoutes())
  app.route('/', modelRouteRoutes(deps))
  app.route('/', tokenRoutes(deps))
  app.route('/', auditLogRoutes())
  app.route('/', usageRoutes(deps))
  return app
}

/** An error's answer has its own id, which is also in the log; every other answer gets one here. */
const requestId: MiddlewareHandler = async function requestId(c, next) {
  await next()
  if (!c.res.headers.has('x-keyway-request-id')) c.header('x-keyway-request-id', newRequestId())
}
