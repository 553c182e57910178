import { refuse, type Incoming, type Proof, type World } from '../provider.ts'
import { verifySelfSigned } from '../verify-google-token.ts'
import { bearerOf } from '../verify-one-credential.ts'

const INVALID =
  'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.'

/** Proof by an access token that was exchanged here, or by a JWT that the service account signed itself. */
export function authenticateGoogle(request: Incoming, world: World): Proof {
  const bearer = bearerOf(request)
  if (bearer.split('.').length === 3 && bearer.startsWith('eyJ')) return selfSigned(bearer, world)
  const token = world.credentials.accessToken(bearer)
  if (!token || token.expiresAt <= world.now()) return refuse('bad-credential', INVALID)
  const { label, project } = token.account
  return {
    credential: label,
    project,
    proof: 'OAuth token from a verified RS256 assertion',
  }
}

function selfSigned(jwt: string, world: World): Proof {
  const { credentials } = world
  const verdict = verifySelfSigned(jwt, {
    now: world.now(),
    lookUp: (email) => credentials.googleAccount(email),
  })
  if ('error' in verdict) return refuse('bad-credential', `${INVALID} (${verdict.description})`)
  const form = verdict.claims['scope'] === undefined ? 'audience' : 'scope'
  return {
    credential: verdict.account.label,
    project: verdict.account.project,
    proof: `self-signed RS256 JWT (${form})`,
  }
}
