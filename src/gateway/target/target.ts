import type { Credential } from '../../core/credentials.ts'
import { GatewayError } from '../../core/errors.ts'
import { baseUrlOf } from '../../providers/base-url.ts'
import type { Provider, Site, Upstream } from '../../providers/provider.ts'
import type { EndpointRecord, SealedProviderKey } from '../../storage/replica/records.ts'
import { locationAt } from '../caller/request-options.ts'
import type { Dependencies } from '../dependencies.ts'
import { type AttemptRecord, shortList, timed, type Trace } from '../record/trace.ts'
import { keysByHealth } from './healthiest-first.ts'
import { usableCredential } from './usable-credential.ts'

/** One place that a request can be sent to: a provider, one key of the organization's, opened, and a location. */
export interface Target {
  readonly provider: Upstream
  /** Of the provider key, or of the private endpoint. */
  readonly keyId: string
  readonly site: Site
  /** The private endpoint that it is. */
  readonly endpoint?: EndpointRecord
  /** How it is reached, where that is not the public network. */
  readonly fetch?: typeof fetch
  /** What its health is remembered by; not there where it is only tried out. */
  readonly record?: SealedProviderKey | EndpointRecord
  /** The model that it is asked for, where anyone knows. */
  readonly model?: string | undefined
  /** Its credential is the caller's own. */
  readonly isCallers?: boolean
}

export interface TargetChoice {
  readonly organizationId: string
  readonly provider: Provider
  readonly keys: readonly SealedProviderKey[]
  /** The caller's own upstream keys, by header. */
  readonly callerKeys: ReadonlyMap<string, string> | undefined
  /** What the caller or the route asked for; the key's own default where they asked for nothing. */
  readonly location: string | undefined
  /** It is the route that asked. */
  readonly isRoutesLocation?: boolean | undefined
  /** The model that is asked for; undefined where the request names none. */
  readonly model: string | undefined
}

/**
 * Opens the keys one after the other, as they are needed: a secret that is not used stays sealed. Those that are well come first.
 * Keys that have nothing for the location, or whose credential is not to be had, are passed over; throws
 * `no_provider_key` when that leaves none.
 */
export async function* bindTargets(
  choice: TargetChoice,
  deps: Dependencies,
  trace: Trace,
): AsyncGenerator<Target> {
  const { provider, callerKeys, organizationId } = choice
  const unusable: string[] = []
  let uncovered: string | undefined
  let hasTarget = false
  for (const key of keysByHealth(choice, deps, trace)) {
    const usable = await timed(trace, 'credential', deps.nowMs, () =>
      usableCredential({ organizationId, provider, key, callerKeys }, deps),
    )
    if (usable.kind !== 'credential') {
      unusable.push(`${key.id} ${usable.why}`)
      if (usable.kind === 'misconfigured') trace.attempts.push(misconfigured(key, usable.why))
      continue
    }
    const { credential, isCallers = false } = usable
    const { id: keyId, settings } = key
    const location = locationAt(provider, choice.location, settings)
    if (coversLocation(provider, credential, location)) {
      hasTarget = true
      const site = { credential, settings, location }
      yield { provider, keyId, site, record: key, model: choice.model, isCallers }
    } else {
      uncovered = location
    }
  }
  if (!hasTarget) throw noTarget(choice, unusable, uncovered)
}

function misconfigured(record: SealedProviderKey, why: string): AttemptRecord {
  const fault = { status: null, message: `The key ${why}.` }
  return { keyId: record.id, record, outcome: 'misconfigured', reason: 'misconfigured', fault }
}

function noTarget(
  { provider: { name }, location, isRoutesLocation = false }: TargetChoice,
  unusable: readonly string[],
  uncovered: string | undefined,
): GatewayError {
  const isCallers = location !== undefined && !isRoutesLocation
  const region = isRoutesLocation ? "the route's region" : 'the region'
  const sentences = [
    ...(uncovered === undefined
      ? []
      : [
          `The organization's ${name} key holds no credential for ${region} ${uncovered}, and none for "global".`,
        ]),
    ...(unusable.length === 0
      ? []
      : [
          `The organization has no usable key for the provider ${name}: ${shortList(unusable, (why) => why, '; ')}.`,
        ]),
  ]
  const details = uncovered !== undefined && isCallers ? { param: 'x-keyway-region' } : {}
  return new GatewayError('no_provider_key', sentences.join(' '), details)
}

function coversLocation(provider: Provider, credential: Credential, location: string): boolean {
  return provider.locations?.covers?.(credential, location) ?? true
}

/** The URL of a path at a target. */
export function urlAt({ provider, site }: Target, path: string, deps: Dependencies): string {
  return baseUrlOf(provider, site, deps.baseUrls) + path
}
