import type { Credential, EnvironmentSecret, StoredCredential } from '../core/credentials.ts'
import { GatewayError, invalidRequest } from '../core/errors.ts'
import { isObject, type JsonObject, refuseUnknownMembers, tryParseJson } from '../core/parse.ts'
import type { CredentialOptions } from '../upstream-auth/upstream-auth.ts'
import type { Provider } from './provider.ts'

/** What reading a `provider_key` may need of the deployment. */
export interface SourceOptions extends CredentialOptions {
  /** The value of one of the deployment's secrets; undefined in place of it where the caller may name none. */
  readonly secretNamed: ((name: string) => string | undefined) | undefined
}

/** Narrower than what the platform would take, so that no other secret of the deployment can be named. */
const SECRET_NAME = /^BYOK_[A-Z0-9_]{1,100}$/

/** The source that a `provider_key` names in place of a credential, or undefined where it is the credential. */
export function sourceIn(value: unknown): JsonObject | undefined {
  // No credential of one string begins with a brace.
  const isText = typeof value === 'string' && value.trimStart().startsWith('{')
  const object = isText ? tryParseJson(value) : value
  return isObject(object) && Object.hasOwn(object, 'source') ? object : undefined
}

/** Checks a source as far as it can be checked now: a secret must be there and be the provider's kind of credential. */
export async function parseSource(
  provider: Provider,
  object: JsonObject,
  options: SourceOptions,
): Promise<StoredCredential> {
  const { source } = object
  if (source === 'env') return parseEnvironment(provider, object, options)
  if (source === 'passthrough') return parsePassthrough(provider, object)
  throw invalidRequest(
    'provider_key.source must be env or passthrough. Files and Kubernetes secrets are read by the command line.',
    'provider_key.source',
  )
}

async function parseEnvironment(
  provider: Provider,
  object: JsonObject,
  options: SourceOptions,
): Promise<EnvironmentSecret> {
  const { secretNamed } = options
  if (secretNamed === undefined) {
    throw new GatewayError(
      'permission_denied',
      'Only the administrator of the deployment may name one of its secrets.',
      { param: 'provider_key.source' },
    )
  }
  refuseUnknownMembers(object, ['source', 'name'], 'provider_key')
  const { name } = object
  if (typeof name !== 'string' || !SECRET_NAME.test(name)) {
    throw badName('must be BYOK_ and up to 100 capital letters, digits and underscores.')
  }
  const secret = secretNamed(name)
  if (secret === undefined) throw badName('is not the name of a secret of this deployment.')
  try {
    await credentialInSecret(provider, secret, options)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    throw badName(`names a secret that is not a credential of ${provider.name}. ${error.message}`)
  }
  return { kind: 'env', name }
}

/** The credential that a secret of the deployment holds, in the provider's own format. Throws where it holds none. */
export async function credentialInSecret(
  { credential }: Provider,
  secret: string,
  options: CredentialOptions,
): Promise<Credential> {
  return credential.parse(secret, options)
}

function badName(what: string): GatewayError {
  return invalidRequest(`provider_key.name ${what}`, 'provider_key.name')
}

function parsePassthrough(provider: Provider, object: JsonObject): StoredCredential {
  refuseUnknownMembers(object, ['source'], 'provider_key')
  if (provider.passthrough !== undefined) return { kind: 'passthrough' }
  throw invalidRequest(
    `provider_key.source cannot be passthrough for ${provider.name}: its credential is more than a key in a header.`,
    'provider_key.source',
  )
}
