import type { Credential, EnvironmentSecret } from '../../core/credentials.ts'
import { credentialInSecret } from '../../providers/credential-source.ts'
import type { Provider } from '../../providers/provider.ts'
import { providerOfKey } from '../../providers/registry.ts'
import type { SealedProviderKey } from '../../storage/replica/records.ts'
import type { Dependencies } from '../dependencies.ts'

/** A credential that is there, or why there is none: in words that follow the key's id. */
export type Usable =
  | {
      readonly kind: 'credential'
      readonly credential: Credential
      /** It came with the request. */
      readonly isCallers?: true
    }
  | { readonly kind: 'misconfigured'; readonly why: string }
  | { readonly kind: 'not-brought'; readonly why: string }

export interface KeyToUse {
  readonly organizationId: string
  readonly provider: Provider
  readonly key: SealedProviderKey
  /** By header; undefined where none of the request's credentials is meant for upstream. */
  readonly callerKeys: ReadonlyMap<string, string> | undefined
}

const UNOPENED =
  'does not open: it was altered, or the master key that sealed it is not in MASTER_KEYS'

/** Opens a provider key, and fetches the credential from where it is when the key only says where. */
export async function usableCredential(
  { organizationId, provider, key, callerKeys }: KeyToUse,
  deps: Dependencies,
): Promise<Usable> {
  const stored = await deps.openCredential(organizationId, key).catch(() => undefined)
  if (stored === undefined) return { kind: 'misconfigured', why: UNOPENED }
  if (stored.kind === 'env') return fromEnvironment(stored, provider, deps)
  if (stored.kind === 'passthrough') return fromCaller(provider, callerKeys ?? new Map())
  return { kind: 'credential', credential: stored }
}

/** Secrets do not change while an isolate lives, and a private key is costly to read. */
const parsed = new WeakMap<EnvironmentSecret, Credential>()

async function fromEnvironment(
  source: EnvironmentSecret,
  provider: Provider,
  { secretNamed, allowLoopbackUpstreams }: Dependencies,
): Promise<Usable> {
  const known = parsed.get(source)
  if (known !== undefined) return { kind: 'credential', credential: known }
  const secret = secretNamed(source.name)
  if (secret === undefined) {
    return {
      kind: 'misconfigured',
      why: `needs the secret ${source.name}, which this deployment does not have`,
    }
  }
  try {
    const credential = await credentialInSecret(provider, secret, { allowLoopbackUpstreams })
    parsed.set(source, credential)
    return { kind: 'credential', credential }
  } catch {
    return {
      kind: 'misconfigured',
      why: `needs the secret ${source.name}, which is not a credential of ${provider.name}`,
    }
  }
}

/** Never kept: what a caller brings is used for the caller's own request. */
function fromCaller(provider: Provider, callerKeys: ReadonlyMap<string, string>): Usable {
  const { passthrough } = provider
  const inOrder = [callerKeys.get(passthrough?.header ?? ''), ...callerKeys.values()]
  const own = inOrder.find((key) => key !== undefined && isMeantFor(provider, key))
  if (passthrough !== undefined && own !== undefined) {
    return { kind: 'credential', credential: passthrough.credentialOf(own), isCallers: true }
  }
  return {
    kind: 'not-brought',
    why: `takes the caller's own credential, and the request brings none for ${provider.name}: send it as "Authorization: Bearer" or "x-api-key", and your Keyway key as "x-keyway-api-key"`,
  }
}

function isMeantFor(provider: Provider, key: string): boolean {
  return (providerOfKey(key) ?? provider) === provider
}
