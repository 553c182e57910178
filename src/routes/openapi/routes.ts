import { Hono } from 'hono/tiny'
import type { Env } from '../../storage/env.ts'
import { newRequestId } from '../data-plane.ts'
import { dataPlaneOperations } from './data-plane.ts'
import { openApiDocument } from './document.ts'
import { managementOperations } from './management.ts'
import type { JsonSchema } from './operation.ts'

/** `GET /openapi.json`, made from the schemas that validate when it is first asked for. */
export function openApiRoutes(providers: readonly string[]): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  let document: JsonSchema | undefined
  app.get('/openapi.json', (c) => {
    document ??= openApiDocument([...dataPlaneOperations, ...managementOperations(providers)])
    return c.json(document, 200, { 'x-keyway-request-id': newRequestId() })
  })
  return app
}
