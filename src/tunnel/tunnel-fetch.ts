import { GatewayError } from '../core/errors.ts'
import type { ConnectorObject, TunnelStatus } from './connector-object.ts'
import { FAILURE_HEADER, internalRequest } from './internal-http.ts'
import { SUBPROTOCOL } from './limits.ts'
import { objectFailure, tunnelError } from './tunnel-failure.ts'

/** Where the connectors of an endpoint dial in. */
export interface TunnelPlace {
  readonly namespace: DurableObjectNamespace<ConnectorObject>
  readonly organizationId: string
  readonly endpointId: string
}

/** An endpoint that connectors dial in for. */
export interface Tunnel extends TunnelPlace {
  /** What errors call it. */
  readonly endpointName: string
}

/**
 * Sends a finished request through a tunnel, as `fetch` would: of the URL only path and query count. The answer is the
 * model's own, its body streaming; a body that breaks off ends with an error. Aborting the request's signal reaches the
 * model.
 * @throws {GatewayError} `tunnel_offline`, `tunnel_saturated` and `model_unreachable` when nothing reached a model;
 * `tunnel_disconnected`, `upstream_error` and `upstream_timeout` when the model may have begun; `not_found` and
 * `request_too_large` for what a connector does not take.
 */
export async function tunnelFetch(tunnel: Tunnel, request: Request): Promise<Response> {
  let response: Response
  try {
    response = await objectOf(tunnel).fetch(internalRequest(request))
  } catch (cause) {
    if (request.signal.aborted) throw cause
    throw objectFailure(tunnel.endpointName, cause)
  }
  const failure = response.headers.get(FAILURE_HEADER)
  if (failure === null) return response
  request.signal.throwIfAborted()
  throw tunnelError(tunnel.endpointName, failure)
}

/** Joins a connector's socket to its endpoint. The token was looked at before. */
export async function acceptConnector(tunnel: Tunnel, tokenHash: string): Promise<Response> {
  const response = await objectOf(tunnel).fetch('https://tunnel/connect', {
    headers: {
      upgrade: 'websocket',
      'sec-websocket-protocol': SUBPROTOCOL,
      'x-keyway-token-hash': tokenHash,
    },
  })
  if (response.status === 101) return response
  throw new GatewayError(
    'conflict',
    `The endpoint ${tunnel.endpointName} has as many connectors online as it can have.`,
  )
}

/** How the endpoint's connectors are doing. */
export async function tunnelStatus(place: TunnelPlace): Promise<TunnelStatus> {
  return await objectOf(place).status()
}

/** Ends the connections of tokens that are not among these: after a revocation, or with none when an endpoint goes. */
export async function retainConnectors(
  place: TunnelPlace,
  tokenHashes: readonly string[],
): Promise<void> {
  await objectOf(place).retain(tokenHashes)
}

function objectOf({
  namespace,
  organizationId,
  endpointId,
}: TunnelPlace): DurableObjectStub<ConnectorObject> {
  return namespace.getByName(`${organizationId}/${endpointId}`)
}
