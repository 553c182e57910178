import type { Connection } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { Failure, usage } from './failure.ts'
import type { Machine } from './machine.ts'
import { readSecret } from './read-secret.ts'

/** The options that every command takes. */
export interface GlobalOptions {
  readonly url?: string
  readonly tokenEnv?: string
  readonly tokenFile?: string
  readonly org?: string
  readonly json?: boolean
  readonly allowHttp?: boolean
}

export const DEFAULT_URL = 'http://localhost:8787'

/** Where Keyway is and who is asking, from the options, else from the environment. */
export async function readConnection(
  machine: Machine,
  options: GlobalOptions,
): Promise<Connection> {
  return { url: readUrl(machine, options), token: await readToken(machine, options) }
}

/** The origin of Keyway, without a slash at the end. */
export function readUrl({ env }: Machine, { url, allowHttp = false }: GlobalOptions): string {
  const text = url ?? present(env['KEYWAY_URL']) ?? DEFAULT_URL
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw usage('The address of Keyway must be a URL such as https://keyway.example.workers.dev.')
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw usage('The address of Keyway must have no user or password in it.')
  }
  if (parsed.protocol === 'http:' && !isLoopback(parsed.hostname) && !allowHttp) {
    throw usage(
      `${parsed.origin} is not encrypted: others could read the token and the keys on their way.`,
      'Use https, or --allow-http in a network that you trust.',
    )
  }
  // The paths of the API are often pasted along.
  return parsed.origin + parsed.pathname.replace(/\/(?:v1(?:\/organizations)?\/?)?$/, '')
}

async function readToken(machine: Machine, options: GlobalOptions): Promise<string> {
  const { tokenEnv, tokenFile } = options
  if (tokenEnv !== undefined && tokenFile !== undefined) {
    throw usage('Say either --token-env or --token-file.')
  }
  if (tokenFile !== undefined) {
    return tokenIn(await readSecret(machine, { kind: 'file', path: tokenFile }))
  }
  if (tokenEnv === undefined && present(machine.env['KEYWAY_TOKEN']) === undefined) {
    throw new Failure(EXIT.unauthenticated, 'There is no management token.', { advice: NO_TOKEN })
  }
  return readSecret(machine, { kind: 'env', name: tokenEnv ?? 'KEYWAY_TOKEN' })
}

const NO_TOKEN =
  'Export KEYWAY_TOKEN, or say --token-env NAME or --token-file PATH (.dev.vars works too).'

/** The token alone, or the line of it in a file of secrets such as `.dev.vars`. */
function tokenIn(text: string): string {
  const line = /^(?:export )?(?:KEYWAY_TOKEN|ADMIN_TOKEN)=(["']?)(.+)\1$/m.exec(text)
  const token = (line?.[2] ?? text).trim()
  if (!/\s/.test(token)) return token
  throw usage('The token file must hold the token alone, or a line ADMIN_TOKEN=… as in .dev.vars.')
}

/** Whether a host is this machine. */
export function isLoopback(host: string): boolean {
  const isName = host === 'localhost' || host.endsWith('.localhost')
  return isName || /^(?:127(?:\.\d{1,3}){3}|\[::1\])$/.test(host)
}

const present = (value: string | undefined): string | undefined =>
  value === '' ? undefined : value
