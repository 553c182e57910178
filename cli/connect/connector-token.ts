import { organizationOfToken } from '../../src/core/token-format.ts'
import type { GlobalOptions } from '../connection.ts'
import { usage } from '../failure.ts'
import type { Machine } from '../machine.ts'
import { readSecret } from '../read-secret.ts'
import type { SecretSource } from '../secret-source.ts'

/** Where the token is read from when no option says so. Not where the management token is: that one may do far more. */
export const TOKEN_VARIABLE = 'KEYWAY_CONNECTOR_TOKEN'

/** Where the connector's token is. */
export function tokenSource({ tokenEnv, tokenFile }: GlobalOptions): SecretSource {
  if (tokenEnv !== undefined && tokenFile !== undefined) {
    throw usage('Say either --token-env or --token-file.')
  }
  return tokenFile === undefined
    ? { kind: 'env', name: tokenEnv ?? TOKEN_VARIABLE }
    : { kind: 'file', path: tokenFile }
}

/** The token, read anew, so that one that was replaced in its file is used from the next connection on. */
export async function readConnectorToken(machine: Machine, source: SecretSource): Promise<string> {
  if (source.kind === 'env' && (machine.env[source.name] ?? '') === '') {
    throw usage('There is no connector token.', WHERE)
  }
  const token = (await readSecret(machine, source)).trim()
  if (organizationOfToken('kwc_', token) !== undefined) return token
  const what = /^kwm?_/.test(token) ? 'is another kind of key' : 'is not a whole connector token'
  throw usage(`What is in ${VARIABLE_OR_FILE[source.kind]} ${what}: those begin with kwc_.`, WHERE)
}

const VARIABLE_OR_FILE = {
  env: 'the variable',
  file: 'the file',
  stdin: 'the input',
  k8s: 'the secret',
} as const

const WHERE = `keyway endpoints connector-token NAME makes one. Export it as ${TOKEN_VARIABLE}, or say --token-file PATH.`
