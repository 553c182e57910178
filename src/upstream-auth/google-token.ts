import { SignJWT } from 'jose'
import type { GoogleServiceAccount } from '../core/credentials.ts'
import { importPrivateKey } from './google-service-account.ts'
import { exchange, forgetToken, type Mint, tokenFor } from './minted-token.ts'
import type { AuthWorld, UpstreamAuth } from './upstream-auth.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
/** The audience is Google's whatever address the exchange is sent to. */
const AUDIENCE = 'https://oauth2.googleapis.com/token'
const ASSERTION_SECONDS = 3600

const importedKeys = new WeakMap<GoogleServiceAccount, CryptoKey>()

/** An OAuth access token, minted from a signed assertion and kept until shortly before it ends. */
export const googleToken: UpstreamAuth<GoogleServiceAccount> = {
  signsBody: false,
  async prove(request, account, _place, world) {
    request.headers['authorization'] = `Bearer ${await tokenFor(account, exchanged, world)}`
  },
  forget: (request, account, world) => forgetToken(request, [account, exchanged], world),
}

/** The service account's own signed JWT as the token: no exchange. https://google.aip.dev/auth/4111 */
export const googleSelfSigned: UpstreamAuth<GoogleServiceAccount> = {
  signsBody: false,
  async prove(request, account, _place, world) {
    request.headers['authorization'] = `Bearer ${await tokenFor(account, selfSigned, world)}`
  },
  forget: (request, account, world) => forgetToken(request, [account, selfSigned], world),
}

const identity = ({ clientEmail, privateKeyId, privateKey }: GoogleServiceAccount) => [
  clientEmail,
  privateKeyId,
  privateKey,
]

/** https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
const exchanged: Mint<GoogleServiceAccount> = {
  name: 'exchanged',
  identity,
  async mint(account, world) {
    const assertion = await signedJwt(account, world, (jwt) => jwt.setAudience(AUDIENCE))
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }
    return await exchange({ by: 'Google', url: world.googleTokenUrl, form }, world)
  },
}

const selfSigned: Mint<GoogleServiceAccount> = {
  name: 'self-signed',
  identity,
  async mint(account, world) {
    const token = await signedJwt(account, world, (jwt) => jwt.setSubject(account.clientEmail))
    return { token, expiresAtMs: world.nowMs() + ASSERTION_SECONDS * 1000 }
  },
}

async function signedJwt(
  account: GoogleServiceAccount,
  world: AuthWorld,
  finish: (jwt: SignJWT) => SignJWT,
): Promise<string> {
  let key = importedKeys.get(account)
  if (key === undefined) {
    key = await importPrivateKey(account.privateKey)
    importedKeys.set(account, key)
  }
  const issuedAt = Math.floor(world.nowMs() / 1000)
  const jwt = new SignJWT({ scope: SCOPE })
    .setProtectedHeader({
      alg: 'RS256',
      typ: 'JWT',
      ...(account.privateKeyId === undefined ? {} : { kid: account.privateKeyId }),
    })
    .setIssuer(account.clientEmail)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ASSERTION_SECONDS)
  return await finish(jwt).sign(key)
}
