import { refuse, type Provider, type World, type WholeAnswer } from './provider.ts'
import { alphabets, randomText } from './random.ts'
import { verifyExchangeAssertion } from './verify-google-token.ts'

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** How the token endpoint behaves: how long its tokens live, and who hears of an exchange. */
export interface TokenEndpointOptions {
  lifetimeSeconds: () => number
  onExchange: () => void
}

/** The OAuth token endpoint: a signed assertion against an access token. */
export function googleTokenEndpoint(options: TokenEndpointOptions): Provider {
  return {
    name: 'google_token',
    credentialHeaders: [],

    authenticate(request, world) {
      if (request.path !== '/token') refuse('not-found', 'Not Found')
      if (request.method !== 'POST') refuse('wrong-method', 'Method Not Allowed')
      if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? '')) {
        refuse('bad-request', 'The body must be form-encoded.', { code: 'invalid_request' })
      }
      const form = new URLSearchParams(request.body.toString('utf8'))
      if (form.get('grant_type') !== GRANT_TYPE) {
        const message = `Invalid grant_type: ${form.get('grant_type') ?? ''}`
        refuse('bad-request', message, { code: 'unsupported_grant_type' })
      }
      const { email } = accountOf(form.get('assertion') ?? '', world)
      const label = world.credentials.googleAccount(email)?.label ?? ''
      return { credential: label, proof: 'RS256 assertion of a service account' }
    },

    answer(request, world) {
      const form = new URLSearchParams(request.body.toString('utf8'))
      const account = accountOf(form.get('assertion') ?? '', world)
      const token = `ya29.c.c0${randomText(180, alphabets.base64url)}`
      const lifetime = options.lifetimeSeconds()
      world.credentials.addToken(token, { account, expiresAt: world.now() + lifetime * 1000 })
      options.onExchange()
      return json(200, { access_token: token, expires_in: lifetime, token_type: 'Bearer' })
    },

    refuse({ kind, code, message, status, retryAfterSeconds }) {
      const [ownStatus, ownCode] = errors[kind] ?? [400, 'invalid_request']
      const answer = json(status ?? ownStatus, {
        error: code ?? ownCode,
        error_description: message,
      })
      if (retryAfterSeconds !== undefined) answer.headers['retry-after'] = String(retryAfterSeconds)
      return answer
    },
  }
}

const errors: Record<string, [number, string]> = {
  'bad-credential': [400, 'invalid_grant'],
  forbidden: [401, 'unauthorized_client'],
  'not-found': [404, 'not_found'],
  'wrong-method': [405, 'invalid_request'],
  'rate-limit': [429, 'rate_limit_exceeded'],
  overloaded: [503, 'temporarily_unavailable'],
  'server-error': [500, 'internal_failure'],
}

function accountOf(assertion: string, world: World) {
  const { credentials } = world
  const verdict = verifyExchangeAssertion(assertion, {
    now: world.now(),
    lookUp: (email) => credentials.googleAccount(email),
  })
  if ('account' in verdict) return verdict.account
  return refuse('bad-credential', verdict.description, { code: verdict.error })
}

function json(status: number, body: unknown): WholeAnswer {
  return {
    kind: 'whole',
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
      vary: 'Origin, X-Origin, Referer',
    },
    body: JSON.stringify(body),
  }
}
