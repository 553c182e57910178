import type { Credential } from '../../core/credentials.ts'
import type { JsonObject } from '../../core/parse.ts'

/** What these routes need to know of the providers. What it throws is a GatewayError that names the field. */
export interface ProviderCatalog {
  readonly names: readonly string[]
  /** Checks a pasted `provider_key`; gives what is to be sealed, and what may be shown of it. */
  parseCredential(
    provider: string,
    value: unknown,
    options: { readonly allowLoopbackUpstreams: boolean },
  ): Promise<{ credential: Credential; hint: string | null }>
  /** Checks the `settings` of a provider key; undefined where there are none. */
  parseSettings(provider: string, value: unknown): JsonObject
}
