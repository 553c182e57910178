import { Hono } from 'hono/tiny'
import type { SurfaceFormat } from '../core/wire-format.ts'
import { headerSnapshot } from '../gateway/caller/header-values.ts'
import { readApiKey } from '../gateway/caller/read-api-key.ts'
import { handleCall } from '../gateway/handle-call.ts'
import type { Env } from '../storage/env.ts'
import { dataPlane } from './data-plane.ts'

const OPERATIONS: readonly (readonly [path: string, format: SurfaceFormat])[] = [
  ['/v1/messages', 'anthropic-messages'],
  ['/v1/messages/count_tokens', 'anthropic-count-tokens'],
]

/** Anthropic's surface. */
export function anthropicRoutes(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  for (const [path, format] of OPERATIONS) {
    app.post(
      path,
      dataPlane('anthropic', (c, deps, trace) => {
        const headers = headerSnapshot(c.req.raw.headers)
        const presented = readApiKey(headers)
        return handleCall({ request: c.req.raw, headers, presented, format }, deps, trace)
      }),
    )
  }
  return app
}
