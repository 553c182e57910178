import type { StoredCredential } from '../../core/credentials.ts'
import type { JsonObject } from '../../core/parse.ts'
import type { SourceOptions } from '../../providers/credential-source.ts'

/** What these routes need to know of the providers. What it throws is a GatewayError that names the field. */
export interface ProviderCatalog {
  readonly names: readonly string[]
  /** Checks a pasted `provider_key`, or the source that it names; gives what is to be sealed, and what may be shown of it. */
  parseCredential(
    provider: string,
    value: unknown,
    options: SourceOptions,
  ): Promise<{ credential: StoredCredential; hint: string | null }>
  /** Checks the `settings` of a provider key; an empty object where there are none. */
  parseSettings(provider: string, value: unknown): JsonObject
}
