import type { Credential } from '../core/credentials.ts'
import { GatewayError } from '../core/errors.ts'
import { baseUrlOf } from '../providers/base-url.ts'
import type { Provider, Site } from '../providers/provider.ts'
import type { SealedProviderKey } from '../storage/records.ts'
import type { Dependencies } from './dependencies.ts'
import { timed, type Trace } from './trace.ts'

/** One place that a request can be sent to: a provider, one key of the organization's, opened, and a location. */
export interface Target {
  readonly provider: Provider
  readonly keyId: string
  readonly site: Site
}

export interface TargetChoice {
  readonly organizationId: string
  readonly provider: Provider
  readonly keys: readonly SealedProviderKey[]
  /** What the caller asked for; the key's own default where it asked for nothing. */
  readonly location: string | undefined
}

/**
 * Opens the keys one after the other, as they are needed: a secret that is not used stays sealed.
 * Keys that have nothing for the location are passed over; throws `no_provider_key` when that leaves none.
 */
export async function* bindTargets(
  choice: TargetChoice,
  deps: Dependencies,
  trace: Trace,
): AsyncGenerator<Target> {
  const { provider, organizationId } = choice
  let location = ''
  let hasTarget = false
  for (const key of choice.keys) {
    const credential = await timed(trace, 'credential', deps.nowMs, () =>
      deps.openCredential(organizationId, key),
    )
    location = choice.location ?? provider.locations?.defaultOf(key.settings) ?? ''
    if (!coversLocation(provider, credential, location)) continue
    hasTarget = true
    yield { provider, keyId: key.id, site: { credential, settings: key.settings, location } }
  }
  if (hasTarget) return
  throw new GatewayError(
    'no_provider_key',
    `The organization's ${provider.name} key holds no credential for the region ${location}, and none for "global".`,
    { param: 'x-keyway-region' },
  )
}

function coversLocation(provider: Provider, credential: Credential, location: string): boolean {
  return provider.locations?.covers?.(credential, location) ?? true
}

/** The URL of a path at a target. */
export function urlAt({ provider, site }: Target, path: string, deps: Dependencies): string {
  return baseUrlOf(provider, site, deps.baseUrls) + path
}
