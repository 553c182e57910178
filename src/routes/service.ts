import { Hono } from 'hono/tiny'
import { newTrace } from '../gateway/record/trace.ts'
import { requireKnownProviders } from '../providers/base-url.ts'
import { providerCatalog } from '../providers/catalog.ts'
import { readSettings, type Env } from '../storage/env.ts'
import { newRequestId } from './data-plane.ts'
import { errorResponse } from './error-response.ts'

/** What needs no credential: what this is, and whether it is set up. */
export function serviceRoutes(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  app.get('/', (c) => c.json(ABOUT, 200, withRequestId()))
  app.get('/health', (c) => {
    try {
      requireKnownProviders(readSettings(c.env).providerBaseUrls, providerCatalog.names)
      return c.json({ status: 'ok' }, 200, withRequestId())
    } catch (error) {
      return errorResponse(error, 'openai', newTrace(newRequestId()))
    }
  })
  return app
}

const ABOUT = {
  name: 'Keyway',
  description: 'Your keys, every model, from the edge.',
  surfaces: ['/v1', '/openai', '/native/{provider}'],
  management: '/v1/organizations',
}

const withRequestId = (): Record<string, string> => ({ 'x-keyway-request-id': newRequestId() })
