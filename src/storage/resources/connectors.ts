import { organizationOfToken } from '../../core/token-format.ts'
import type { Env } from '../env.ts'
import type { ConnectorPlace } from '../organization/connector-tokens.ts'
import { askRecord } from '../organization/record-access.ts'
import { hashSecret } from '../sealed/sha256.ts'
import type { Place } from './owned.ts'

/** A connector that may come in. */
export interface ConnectorHolder extends ConnectorPlace {
  readonly organizationId: string
  readonly tokenHash: string
}

/** Whose connector shows this token; undefined where it is none, was replaced or revoked, or its endpoint is gone. */
export async function connectorHolderOf(
  env: Env,
  token: string,
): Promise<ConnectorHolder | undefined> {
  const organizationId = organizationOfToken('kwc_', token)
  if (organizationId === undefined) return undefined
  const tokenHash = await hashSecret(token)
  // Asked of the record itself: a token works as soon as it was issued, and not once more when it was revoked.
  const reply = await askRecord(
    env,
    organizationId,
    async (record) => await record.findConnectorPlace(tokenHash),
  )
  return reply.kind === 'ok' ? { ...reply.value, organizationId, tokenHash } : undefined
}

/** The hashes of the tokens that are live at an endpoint now; none where there is no such endpoint. */
export async function liveConnectorHashes(
  env: Env,
  { organizationId, id }: Place,
): Promise<readonly string[]> {
  const reply = await askRecord(
    env,
    organizationId,
    async (record) => await record.liveConnectorHashes(id),
  )
  return reply.kind === 'ok' ? reply.value : []
}
