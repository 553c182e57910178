import { Hono } from 'hono/tiny'
import { safeBaseUrl } from '../../core/safe-url.ts'
import { headersOfPreset } from '../../providers/tunnels/apply-preset.ts'
import { readSettings } from '../../storage/env.ts'
import type { Endpoint } from '../../storage/organization/entities.ts'
import {
  createEndpoint,
  deleteEndpoint,
  getEndpoint,
  issueConnectorToken,
  listEndpoints,
  updateEndpoint,
} from '../../storage/resources/endpoints.ts'
import { single } from './answers.ts'
import {
  type ManagementContext,
  type ManagementDependencies,
  type ManagementEnv,
  writeContext,
} from './context.ts'
import { endpointKey } from './endpoint-key.ts'
import { endStrangers, hangUp, withStatus } from './endpoint-status.ts'
import { pageAnswer, readPage } from './paging.ts'
import { placeOf } from './place.ts'
import { readBody, readOptionalBody } from './read-body.ts'
import { connectorTokenRequest, endpointPatch, newEndpoint } from './schemas/endpoints.ts'
import { withShownHealth } from './shown-health.ts'

/** An organization's private model servers. */
export function endpointRoutes(deps: ManagementDependencies): Hono<ManagementEnv> {
  const app = new Hono<ManagementEnv>()

  app.post('/:org/endpoints', async (c) => {
    const { base_url, preset, api_key: key, ...input } = await readBody(c.req.raw, newEndpoint)
    const api_key = endpointKey(input.auth, key)
    const fields = { ...input, api_key, base_url: checkedBaseUrl(c, base_url) }
    const headers = preset === undefined ? fields.headers : headersOfPreset(preset, fields)
    const context = writeContext(c, deps)
    const made = await createEndpoint(context, c.req.param('org'), { ...fields, headers })
    return single(c, await shown(c, made, deps), 201)
  })

  app.get('/:org/endpoints', async (c) => {
    const page = await listEndpoints(c.env, c.req.param('org'), readPage(c, 'endpoints'))
    const items = await Promise.all(page.items.map(async (one) => await shown(c, one, deps)))
    return c.json(pageAnswer('endpoints', { ...page, items }))
  })

  app.get('/:org/endpoints/:id', async (c) =>
    single(c, await shown(c, await getEndpoint(c.env, placeOf(c)), deps)),
  )

  app.patch('/:org/endpoints/:id', async (c) => {
    const body = await readBody(c.req.raw, endpointPatch)
    const { base_url: given, preset, api_key: key, ...patch } = body
    const api_key = endpointKey(patch.auth, key)
    const base_url = given === undefined ? undefined : checkedBaseUrl(c, given)
    const fields = { reach: undefined, headers: undefined, ...patch, api_key, base_url }
    const headers = preset === undefined ? fields.headers : headersOfPreset(preset, fields)
    const changed = await updateEndpoint(writeContext(c, deps), placeOf(c), { ...fields, headers })
    return single(c, await shown(c, changed, deps))
  })

  app.delete('/:org/endpoints/:id', async (c) => {
    const { organizationId, id } = placeOf(c)
    await deleteEndpoint(writeContext(c, deps), { organizationId, id })
    await hangUp(c.env, organizationId, [id])
    return c.body(null, 204)
  })

  app.post('/:org/endpoints/:id/connector-token', async (c) => {
    const { revoke_others } = await readOptionalBody(c.req.raw, connectorTokenRequest)
    const issued = await issueConnectorToken(writeContext(c, deps), placeOf(c), revoke_others)
    const revoked_disconnected = await endStrangers(c.env, placeOf(c), c.executionCtx)
    const answer = { ...issued, revoked_disconnected }
    return single(c, answer, 201)
  })

  return app
}

function checkedBaseUrl(c: ManagementContext, baseUrl: string | null): string | null {
  if (baseUrl === null) return null
  const settings = readSettings(c.env)
  return safeBaseUrl(baseUrl, 'base_url', {
    allowLoopback: settings.allowLoopbackUpstreams,
    allowedPorts: settings.allowedEndpointPorts,
    ownHost: new URL(c.req.url).host,
  })
}

function shown<Shown extends Endpoint>(
  c: ManagementContext,
  endpoint: Shown,
  { now }: ManagementDependencies,
) {
  const asItIsNow = withShownHealth(endpoint, now().getTime())
  return withStatus(c.env, c.req.param('org') ?? '', asItIsNow)
}
