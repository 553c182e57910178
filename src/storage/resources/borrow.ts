import type { Ask, Terms } from '../../limits/terms.ts'
import type { Env } from '../env.ts'
import { recordOf, valueOf } from '../organization/record-access.ts'

/** Asks an organization's record for a share of what one of its API keys may use. Throws where there is no such key. */
export async function borrow(
  env: Env,
  { organizationId, apiKeyId }: { readonly organizationId: string; readonly apiKeyId: string },
  ask: Ask,
): Promise<Terms> {
  return valueOf(await recordOf(env, organizationId).lend(apiKeyId, ask), 'API key')
}
