import { createCredentialBook } from './credentials.ts'
import { jsonAnswer } from './dialects/sse.ts'
import type { ReceivedRequest } from './exchange.ts'
import { createFaultBook, type Fault } from './faults.ts'
import { listen, shut } from './listen.ts'
import {
  type Incoming,
  type ProblemKind,
  type Proof,
  type Provider,
  refuse,
  type World,
} from './provider.ts'
import { seededRandom } from './random.ts'

/** What an app registration asks with, as an endpoint stores it. */
export interface AppSecrets {
  readonly tenant_id: string
  readonly client_id: string
  readonly client_secret: string
  readonly scope: string
}

/** Entra's token endpoint. */
export interface EntraTokenEndpoint extends AsyncDisposable {
  /** Before the tenant. */
  readonly base: string
  readonly requests: readonly ReceivedRequest[]
  /** Makes it fail so many times towards those who proved themselves. */
  misbehave(fault: Fault, times: number): void
}

const LIFETIME_SECONDS = 3599

/**
 * Starts one that knows some apps, and gives them what `issue` makes.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export async function startEntra(
  apps: readonly AppSecrets[],
  issue: (clientId: string) => string,
): Promise<EntraTokenEndpoint> {
  const requests: ReceivedRequest[] = []
  const faults = createFaultBook()
  const { server, host } = await listen({
    provider: entra(apps, issue),
    world: {
      credentials: createCredentialBook(() => ''),
      now: Date.now,
      compose: () => ({ pieces: [] }) as unknown as ReturnType<World['compose']>,
    },
    faults,
    gapMs: () => 0,
    random: seededRandom(7),
    record: (received) => void requests.push(received),
  })
  return {
    base: `http://${host}`,
    requests,
    misbehave: (fault, times) => faults.add('private', fault, { times }),
    [Symbol.asyncDispose]: () => shut(server),
  }
}

/** Status and code, where they are not those of a bad request. */
const ERRORS: Readonly<Partial<Record<ProblemKind, readonly [number, string]>>> = {
  'bad-credential': [401, 'invalid_client'],
  'rate-limit': [429, 'temporarily_unavailable'],
  'server-error': [500, 'temporarily_unavailable'],
}

function entra(apps: readonly AppSecrets[], issue: (clientId: string) => string): Provider {
  return {
    name: 'private',
    credentialHeaders: [],
    authenticate: (request) => proofOf(request, apps),
    answer: (_request, _world, { credential }) =>
      jsonAnswer(
        200,
        {
          token_type: 'Bearer',
          expires_in: LIFETIME_SECONDS,
          ext_expires_in: LIFETIME_SECONDS,
          access_token: issue(credential),
        },
        {},
      ),
    refuse({ kind, code, message, status }) {
      const [ownStatus, ownCode] = ERRORS[kind] ?? [400, 'invalid_request']
      return jsonAnswer(
        status ?? ownStatus,
        {
          error: code ?? ownCode,
          error_description: message,
          error_codes: [7000215],
          trace_id: 'trace',
        },
        {},
      )
    },
  }
}

function proofOf(
  { method, path, query, headers, body }: Incoming,
  apps: readonly AppSecrets[],
): Proof {
  const tenant = /^\/([\w.-]+)\/oauth2\/v2\.0\/token$/.exec(path)?.[1]
  if (method !== 'POST' || tenant === undefined || query !== '') {
    refuse('bad-request', 'AADSTS900144: nothing is there')
  }
  if (headers['content-type'] !== 'application/x-www-form-urlencoded') {
    refuse('bad-request', 'AADSTS900144: the body must be a form')
  }
  const form = [...new URLSearchParams(body.toString('utf8'))]
  const { grant_type, client_id, client_secret, scope, ...more } = Object.fromEntries(form)
  if (form.length !== 4 || Object.keys(more).length > 0) {
    refuse('bad-request', 'AADSTS900144: the form has something else in it')
  }
  if (grant_type !== 'client_credentials') {
    refuse('bad-request', 'AADSTS70003: grant_type', { code: 'unsupported_grant_type' })
  }
  const app = apps.find((one) => one.client_id === client_id && one.tenant_id === tenant)
  if (app === undefined) {
    return refuse('bad-request', `AADSTS700016: no app ${client_id}`, {
      code: 'unauthorized_client',
    })
  }
  if (client_secret !== app.client_secret) {
    const message = `AADSTS7000215: Invalid client secret provided for the app ${client_id}`
    refuse('bad-credential', message, { code: 'invalid_client' })
  }
  if (scope !== app.scope) {
    refuse('bad-request', 'AADSTS70011: scope', { code: 'invalid_scope' })
  }
  return { credential: app.client_id, proof: 'client secret' }
}
