import { Hono } from 'hono/tiny'
import { newTrace } from './gateway/record/trace.ts'
import { anthropicRoutes } from './routes/anthropic.ts'
import { controlPlane } from './routes/control-plane.ts'
import { newRequestId } from './routes/data-plane.ts'
import { errorResponse } from './routes/error-response.ts'
import { modelRoutes } from './routes/models.ts'
import { nativeRoutes } from './routes/native.ts'
import { noSuchPath } from './routes/no-such-path.ts'
import { openAiRoutes } from './routes/openai.ts'
import { serviceRoutes } from './routes/service.ts'
import { tunnelRoutes } from './routes/tunnel.ts'
import type { Env } from './storage/env.ts'

export { DirectoryObject } from './storage/organization/directory-object.ts'
export { OrganizationObject } from './storage/organization/organization-object.ts'
export { ConnectorObject } from './tunnel/connector-object.ts'

/** Where callers speak Anthropic's format, or would with another base URL. */
const MESSAGES = /^\/(?:v1\/)*messages(?:\/|$)/

type App = Hono<{ Bindings: Env }>

const app = withErrors(
  new Hono<{ Bindings: Env }>()
    .route('/', openAiRoutes())
    .route('/', anthropicRoutes())
    .route('/', nativeRoutes())
    .route('/', modelRoutes())
    .route('/', serviceRoutes())
    .route('/', tunnelRoutes())
    .route('/', controlPlane(withErrors)),
)

/** What no route answers, and what a route throws, is said in the shape of the surface. */
function withErrors(routes: App): App {
  routes.onError((error) => errorResponse(error, 'openai', newTrace(newRequestId())))
  routes.notFound((c) => {
    const shape = MESSAGES.test(c.req.path) ? 'anthropic' : 'openai'
    return errorResponse(noSuchPath(c.req.method, c.req.path), shape, newTrace(newRequestId()))
  })
  return routes
}

export default app
