import type { Env } from '../../storage/env.ts'
import { isOverWithin } from '../../storage/is-over-within.ts'
import type { Endpoint } from '../../storage/organization/entities.ts'
import { liveConnectorHashes } from '../../storage/resources/connectors.ts'
import type { Place } from '../../storage/resources/owned.ts'
import type { KeyError } from '../../storage/use/key-use.ts'
import type { TunnelStatus } from '../../tunnel/connector-object.ts'
import type { TunnelError } from '../../tunnel/standing.ts'
import { retainConnectors, tunnelStatus } from '../../tunnel/tunnel-fetch.ts'

/** An endpoint with its `status`, apart from the fields that can be changed. */
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
      last_error: lastErrorOf(last_error, since(endpoint.updated_at, tunnel?.last_error)),
      last_success_at: later(last_success_at, tunnel?.last_success_at),
      health,
    },
  }
}

/** What a connector said before the endpoint was changed says nothing of it as it is. */
function since(updatedAt: string, seen: TunnelError | null | undefined): TunnelError | undefined {
  return seen && seen.at >= updatedAt ? seen : undefined
}

/** The gateway notes a failure when its answer begins, a connector's object when it happens. */
const SAME_WITHIN_MS = 30_000

/** The newer one; of the same failure, what the connector itself said, where it said something. */
function lastErrorOf(noted: KeyError | null, seen: TunnelError | undefined): KeyError | null {
  if (seen === undefined) return noted
  const { at, code, message } = seen
  const told = { at, status: null, message: message === '' ? code : `${code}: ${message}` }
  if (noted === null) return told
  const laterMs = Date.parse(noted.at) - Date.parse(at)
  const isSame = noted.status === null && Math.abs(laterMs) <= SAME_WITHIN_MS
  return (isSame ? message === '' : laterMs > 0) ? noted : told
}

function later(one: string | null, other: string | null | undefined): string | null {
  return other && other > (one ?? '') ? other : one
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

/** An answer waits no longer for connections to end. */
const END_LIMIT_MS = 3_000

/** With that limit for each attempt, less than the half minute that work may go on behind an answer. */
const PAUSES_MS = [1_000, 3_000, 9_000]

/**
 * Ends the connections of connectors whose tokens are not live any more, and says whether that is done. A tunnel that does
 * not answer, nor when it is asked again, must not keep anyone from the token that was made: it is shown this once. It is
 * asked again behind the answer then, for a while.
 */
export async function endStrangers(
  env: Env,
  place: Place,
  background: Pick<ExecutionContext, 'waitUntil'>,
): Promise<boolean> {
  const { organizationId, id: endpointId } = place
  const end = async (): Promise<void> => {
    const hashes = await liveConnectorHashes(env, place)
    await retainConnectors({ namespace: env.CONNECTOR, organizationId, endpointId }, hashes)
  }
  const goOn = async (): Promise<void> => {
    for (const pauseMs of PAUSES_MS) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      if (await isDone(end())) return
    }
  }
  const hasEnded = await isDone(end().catch(end))
  if (!hasEnded) background.waitUntil(goOn())
  return hasEnded
}

function isDone(work: Promise<void>): Promise<boolean> {
  return isOverWithin(END_LIMIT_MS, work).catch(() => false)
}
