import { Hono } from 'hono/tiny'
import { GatewayError } from '../core/errors.ts'
import { sdkRequestId } from '../gateway/answer/response-headers.ts'
import { readApiKey } from '../gateway/caller/read-api-key.ts'
import { type ListedModel, listModels } from '../gateway/list-models.ts'
import { type Trace, traceHeaders } from '../gateway/record/trace.ts'
import { providerOfFamily } from '../providers/registry.ts'
import type { Env } from '../storage/env.ts'
import { type AppContext, dataPlane } from './data-plane.ts'
import type { ErrorShape } from './error-response.ts'

/** Models have no date of their own here; both dialects want one. */
const CREATED_AT = '2026-01-01T00:00:00Z'
const CREATED = Date.parse(CREATED_AT) / 1000

/** `GET /v1/models` in OpenAI's shape, or in Anthropic's where `anthropic-version` is sent. */
export function modelRoutes(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  for (const prefix of ['/v1', '/openai/v1']) {
    app.get(`${prefix}/models`, list)
    app.get(`${prefix}/models/:id{.+}`, get)
  }
  return app
}

const list = dataPlane(shapeOf, async (c, deps, trace) => {
  const models = await listModels(readApiKey(c.req.raw.headers), deps, trace)
  const shape = shapeOf(c)
  const data = models.map((model) => describe(model, shape))
  const ends = { first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null }
  const body = shape === 'anthropic' ? { data, has_more: false, ...ends } : { object: 'list', data }
  return answer(body, trace)
})

const get = dataPlane(shapeOf, async (c, deps, trace) => {
  const models = await listModels(readApiKey(c.req.raw.headers), deps, trace)
  const id = c.req.param('id') ?? ''
  // A bare id works wherever a model is named, so it works here.
  const inFull = `${providerOfFamily(id)?.name}/${id}`
  const model = models.find((listed) => [id, inFull].includes(listed.id) || listed.alias === id)
  if (model !== undefined) return answer(describe(model, shapeOf(c)), trace)
  throw new GatewayError('unknown_model', 'The model is not known, or this key cannot use it.', {
    param: 'model',
  })
})

function shapeOf(c: AppContext): ErrorShape {
  return c.req.header('anthropic-version') === undefined ? 'openai' : 'anthropic'
}

function describe({ id, provider }: ListedModel, shape: ErrorShape): object {
  return shape === 'anthropic'
    ? { type: 'model', id, display_name: id, created_at: CREATED_AT }
    : { id, object: 'model', created: CREATED, owned_by: provider }
}

function answer(body: object, trace: Trace): Response {
  return Response.json(body, { headers: { ...sdkRequestId(trace), ...traceHeaders(trace) } })
}
