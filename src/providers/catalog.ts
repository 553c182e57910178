import type { Credential } from '../core/credentials.ts'
import { GatewayError } from '../core/errors.ts'
import type { JsonObject } from '../core/parse.ts'
import type { CredentialOptions } from '../upstream-auth/upstream-auth.ts'
import type { Provider } from './provider.ts'
import { findProvider, providers } from './registry.ts'
import { parseSettings } from './settings.ts'

const HINT_CHARACTERS = 4
/** Of a shorter secret, four characters would be too much to show. */
const MIN_SECRET_FOR_HINT = 12

/** What the management plane needs to know of providers. */
export const providerCatalog = {
  names: providers.map(({ name }) => name),

  /** Checks a pasted credential; gives what is to be sealed, and what may be shown of it. */
  async parseCredential(
    provider: string,
    value: unknown,
    options: CredentialOptions,
  ): Promise<{ credential: Credential; hint: string | null }> {
    const { credential: format } = known(provider)
    const credential = await format.parse(value, options)
    const secret = format.secretOf(credential)
    const hint = secret.length < MIN_SECRET_FOR_HINT ? null : secret.slice(-HINT_CHARACTERS)
    return { credential, hint }
  },

  /** Checks the settings of a provider key. */
  parseSettings: (provider: string, value: unknown): JsonObject =>
    parseSettings(known(provider).settings, value),
}

function known(name: string): Provider {
  const provider = findProvider(name)
  if (provider !== undefined) return provider
  throw new GatewayError('unknown_provider', `There is no provider ${name.slice(0, 40)}.`, {
    param: 'provider',
  })
}
