import type { StoredCredential } from '../core/credentials.ts'
import { GatewayError } from '../core/errors.ts'
import type { JsonObject } from '../core/parse.ts'
import { secretHint } from '../core/secret-hint.ts'
import { parseSource, sourceIn, type SourceOptions } from './credential-source.ts'
import type { Provider } from './provider.ts'
import { findProvider, providers } from './registry.ts'
import { parseSettings } from './settings.ts'

/** What the management plane needs to know of providers. */
export const providerCatalog = {
  names: providers.map(({ name }) => name),

  /** Checks a pasted credential, or where it is; gives what is to be sealed, and what may be shown of it. */
  async parseCredential(
    provider: string,
    value: unknown,
    options: SourceOptions,
  ): Promise<{ credential: StoredCredential; hint: string | null }> {
    const source = sourceIn(value)
    if (source !== undefined) {
      return { credential: await parseSource(known(provider), source, options), hint: null }
    }
    const { credential: format } = known(provider)
    const credential = await format.parse(value, options)
    return { credential, hint: secretHint(format.secretOf(credential)) }
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
