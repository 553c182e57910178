import { Hono } from 'hono/tiny'
import { GatewayError } from '../core/errors.ts'
import { newTrace } from '../gateway/record/trace.ts'
import type { Env } from '../storage/env.ts'
import { type ConnectorHolder, connectorHolderOf } from '../storage/resources/connectors.ts'
import { CONNECT_PATH, SUBPROTOCOL } from '../tunnel/limits.ts'
import { acceptConnector } from '../tunnel/tunnel-fetch.ts'
import { type AppContext, newRequestId } from './data-plane.ts'
import { errorResponse } from './error-response.ts'
import { endStrangers } from './management/endpoint-status.ts'

/** Where the connectors of private models dial in: docs/tunnel.md. */
export function tunnelRoutes(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  app.get(CONNECT_PATH, async (c) => {
    try {
      return await connect(c)
    } catch (error) {
      const response = errorResponse(error, 'openai', newTrace(newRequestId()))
      const isUpgrade = error instanceof GatewayError && error.code === 'upgrade_required'
      if (isUpgrade) response.headers.set('sec-websocket-protocol', SUBPROTOCOL)
      return response
    }
  })
  return app
}

/** The token before everything else: strangers learn nothing, and a mistake is told by a plain GET, too. */
async function connect(c: AppContext): Promise<Response> {
  const holder = await holderOf(c)
  requireNamedEndpoint(holder, c.req.query('endpoint'))
  requireProtocol(c)
  const { organizationId, endpointId, endpointName, tokenHash } = holder
  const tunnel = { namespace: c.env.CONNECTOR, organizationId, endpointId, endpointName }
  const response = await acceptConnector(tunnel, tokenHash)
  c.executionCtx.waitUntil(endIfRevoked(c, holder))
  return response
}

/** Whoever revoked the token since it was looked at has not seen this connection, which nobody else would end. */
async function endIfRevoked(
  c: AppContext,
  { organizationId, endpointId: id }: ConnectorHolder,
): Promise<void> {
  if ((await connectorHolderOf(c.env, tokenOf(c))) !== undefined) return
  await endStrangers(c.env, { organizationId, id }, c.executionCtx)
}

const tokenOf = (c: AppContext): string =>
  /^bearer +(\S+)$/i.exec(c.req.header('authorization')?.trim() ?? '')?.[1] ?? ''

async function holderOf(c: AppContext): Promise<ConnectorHolder> {
  const token = tokenOf(c)
  const holder = token === '' ? undefined : await connectorHolderOf(c.env, token)
  if (holder !== undefined) return holder
  throw new GatewayError(
    'invalid_connector_token',
    token === ''
      ? 'A connector dials in with the header "Authorization: Bearer kwc_…".'
      : 'The connector token is not known, or was replaced or revoked. Issue another one for the endpoint.',
  )
}

function requireNamedEndpoint(holder: ConnectorHolder, named: string | undefined): void {
  const { endpointId, endpointName, reach } = holder
  if (named !== undefined && named !== endpointId && named !== endpointName) {
    const message = 'The connector token is of another endpoint than the one that is named.'
    throw new GatewayError('permission_denied', message, { param: 'endpoint' })
  }
  if (reach !== 'connector') {
    throw new GatewayError('conflict', `The endpoint ${endpointName} is reached by its URL.`)
  }
}

function requireProtocol(c: AppContext): void {
  const offered = (c.req.header('sec-websocket-protocol') ?? '').split(',')
  const isUpgrade = c.req.header('upgrade')?.toLowerCase() === 'websocket'
  if (isUpgrade && offered.some((protocol) => protocol.trim() === SUBPROTOCOL)) return
  throw new GatewayError(
    'upgrade_required',
    isUpgrade
      ? `This deployment speaks ${SUBPROTOCOL} with connectors, which this one does not offer. Update it.`
      : `The token is good. Connect with a WebSocket and the subprotocol ${SUBPROTOCOL}.`,
  )
}
