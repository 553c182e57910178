import type { Endpoint } from '../../storage/entities.ts'
import { liveConnectorHashes } from '../../storage/connectors.ts'
import type { Env } from '../../storage/env.ts'
import type { Place } from '../../storage/owned.ts'
import type { TunnelStatus } from '../../tunnel/connector-object.ts'
import { retainConnectors, tunnelStatus } from '../../tunnel/tunnel-fetch.ts'

/** An endpoint with how it is doing, which stands by itself: none of it is anything that can be changed. */
export async function withStatus<Shown extends Omit<Endpoint, 'health'>, Health>(
  env: Env,
  organizationId: string,
  { last_error, last_success_at, health, ...endpoint }: Shown & { readonly health: Health },
) {
  const tunnel =
    endpoint.reach === 'connector' ? await statusOf(env, organizationId, endpoint.id) : undefined
  return {
    ...endpoint,
    status: {
      online_connectors: tunnel?.online_connectors ?? null,
      connectors: tunnel?.connectors ?? [],
      last_error,
      last_success_at,
      health,
    },
  }
}

/** Undefined where the tunnel itself does not answer: that must not keep anyone from seeing the endpoint. */
async function statusOf(
  env: Env,
  organizationId: string,
  endpointId: string,
): Promise<TunnelStatus | undefined> {
  const tunnel = { namespace: env.CONNECTOR, organizationId, endpointId }
  return await tunnelStatus(tunnel).catch(() => undefined)
}

/**
 * Ends the connections of all connectors of endpoints that are gone. They get no calls any more in any case, so a tunnel
 * that does not answer makes no error of a deletion that was made.
 */
export async function hangUp(
  env: Env,
  organizationId: string,
  endpointIds: readonly string[],
): Promise<void> {
  const namespace = env.CONNECTOR
  await Promise.allSettled(
    endpointIds.map((endpointId) =>
      retainConnectors({ namespace, organizationId, endpointId }, []),
    ),
  )
}

/** Ends the connections of connectors whose tokens are not live any more. */
export async function endStrangers(env: Env, place: Place): Promise<void> {
  const { organizationId, id: endpointId } = place
  const hashes = await liveConnectorHashes(env, place)
  await retainConnectors({ namespace: env.CONNECTOR, organizationId, endpointId }, hashes)
}
