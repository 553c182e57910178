import { GatewayError } from '../core/errors.ts'
import type { Site, Upstream } from './provider.ts'

/** Base URLs that replace the built-in ones, by provider: the setting PROVIDER_BASE_URLS. */
export type BaseUrlOverrides = Readonly<Record<string, string>>

const TOKEN_ENDPOINTS = ['google_token', 'entra_token']

const checked = new WeakSet<BaseUrlOverrides>()

/** Throws for a name that is no provider's: what was meant for a stand-in would go to the real one. */
export function requireKnownProviders(overrides: BaseUrlOverrides, names: readonly string[]): void {
  if (checked.has(overrides)) return
  const known = [...names, ...TOKEN_ENDPOINTS]
  const stranger = Object.keys(overrides).find((name) => !known.includes(name))
  if (stranger !== undefined) {
    throw new GatewayError(
      'misconfigured',
      `PROVIDER_BASE_URLS: ${JSON.stringify(stranger.slice(0, 64))} is none of ${known.join(', ')}.`,
    )
  }
  checked.add(overrides)
}

/** Where the provider's paths begin for one site; no slash at the end. */
export function baseUrlOf(provider: Upstream, site: Site, overrides: BaseUrlOverrides): string {
  const override = Object.hasOwn(overrides, provider.name) ? overrides[provider.name] : undefined
  if (override === undefined) return provider.base(site)
  return override
    .replaceAll('{region}', site.location)
    .replaceAll('{location}', site.location)
    .replace(/\/+$/, '')
}

/**
 * A native path without the version segment that the built-in base already ends in: `/v1/models` and `/models` are the
 * same at `https://api.openai.com/v1`.
 */
export function withoutRepeatedVersion(provider: Upstream, site: Site, path: string): string {
  const version = /\/v\d+[a-z0-9]*$/.exec(provider.base(site))?.[0]
  if (version === undefined || !path.startsWith(`${version}/`)) return path
  return path.slice(version.length)
}
