import { Hono } from 'hono/tiny'
import type { SurfaceFormat } from '../core/wire-format.ts'
import { headerSnapshot } from '../gateway/caller/header-values.ts'
import { readApiKey } from '../gateway/caller/read-api-key.ts'
import { handleCall } from '../gateway/handle-call.ts'
import type { Env } from '../storage/env.ts'
import { dataPlane } from './data-plane.ts'

const OPERATIONS: readonly (readonly [path: string, format: SurfaceFormat])[] = [
  ['/chat/completions', 'openai-chat'],
  ['/responses', 'openai-responses'],
  ['/embeddings', 'openai-embeddings'],
]

/** OpenAI's surface, under `/v1` and, as Azure's SDK has it, under `/openai/v1` and `/openai/deployments/{model}`. */
export function openAiRoutes(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  for (const [path, format] of OPERATIONS) {
    const handler = dataPlane('openai', (c, deps, trace) => {
      const headers = headerSnapshot(c.req.raw.headers)
      const presented = readApiKey(headers)
      const modelInPath = c.req.param('model')
      const call = { request: c.req.raw, headers, presented, format }
      return handleCall(modelInPath === undefined ? call : { ...call, modelInPath }, deps, trace)
    })
    app.post(`/v1${path}`, handler)
    app.post(`/openai/v1${path}`, handler)
    app.post(`/openai/deployments/:model{.+}${path}`, handler)
  }
  return app
}
