import { SignJWT } from 'jose'
import type { GoogleServiceAccount } from '../core/credentials.ts'
import { hex } from '../core/encoding.ts'
import { isObject, tryParseJson } from '../core/parse.ts'
import { TimedCache } from '../core/timed-cache.ts'
import { importPrivateKey } from './google-service-account.ts'
import {
  type AuthWorld,
  CredentialRefused,
  type MintedToken,
  type UpstreamAuth,
} from './upstream-auth.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
/** The audience is Google's whatever address the exchange is sent to. */
const AUDIENCE = 'https://oauth2.googleapis.com/token'
const ASSERTION_SECONDS = 3600
/** A token is replaced this long before it ends, so that none ends under way. */
const REFRESH_BEFORE_MS = 300_000
/** How long a request waits in all for the exchanges that others have begun before it makes its own. */
const MAX_WAIT_MS = 3000
const EXCHANGE_TIMEOUT_MS = 10_000
const POLL_MS = 5

const tokens = new TimedCache<string>(1000)
/**
 * When the exchange under way for a token began. Requests share values and never promises: a promise ends with its
 * request, and so may an exchange, without a word; hence the time.
 */
const mintingSinceMs = new Map<string, number>()
const importedKeys = new WeakMap<GoogleServiceAccount, CryptoKey>()
const credentialHashes = new WeakMap<GoogleServiceAccount, string>()

/** An OAuth access token, minted from a signed assertion and kept until shortly before it ends. */
export const googleToken: UpstreamAuth<GoogleServiceAccount> = {
  signsBody: false,
  async prove(request, account, _place, world) {
    request.headers['authorization'] = `Bearer ${await tokenFor(account, exchanged, world)}`
  },
  forget: (account, world) => forgetToken(account, exchanged, world),
}

/** The service account's own signed JWT as the token: no exchange. https://google.aip.dev/auth/4111 */
export const googleSelfSigned: UpstreamAuth<GoogleServiceAccount> = {
  signsBody: false,
  async prove(request, account, _place, world) {
    request.headers['authorization'] = `Bearer ${await tokenFor(account, selfSigned, world)}`
  },
  forget: (account, world) => forgetToken(account, selfSigned, world),
}

interface Mint {
  readonly name: string
  mint(account: GoogleServiceAccount, world: AuthWorld): Promise<MintedToken>
}

/** https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
const exchanged: Mint = {
  name: 'exchanged',
  async mint(account, world) {
    const assertion = await signedJwt(account, world, (jwt) => jwt.setAudience(AUDIENCE))
    const response = await world.fetch(world.googleTokenUrl, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(EXCHANGE_TIMEOUT_MS),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion,
      }).toString(),
    })
    return readTokenAnswer(response.status, await response.text(), world.nowMs())
  },
}

const selfSigned: Mint = {
  name: 'self-signed',
  async mint(account, world) {
    const token = await signedJwt(account, world, (jwt) => jwt.setSubject(account.clientEmail))
    return { token, expiresAtMs: world.nowMs() + ASSERTION_SECONDS * 1000 }
  },
}

async function tokenFor(
  account: GoogleServiceAccount,
  kind: Mint,
  world: AuthWorld,
): Promise<string> {
  const name = await tokenName(account, kind)
  const waitsSinceMs = world.nowMs()
  for (;;) {
    const nowMs = world.nowMs()
    const known = tokens.get(name, nowMs)
    if (known !== undefined) return known
    const sinceMs = mintingSinceMs.get(name)
    if (sinceMs === undefined || nowMs - Math.min(sinceMs, waitsSinceMs) >= MAX_WAIT_MS) break
    await world.sleep(POLL_MS)
  }
  mintingSinceMs.set(name, world.nowMs())
  try {
    const token =
      (await storedToken(name, world)) ?? (await mintAndStore(name, kind, account, world))
    tokens.set(name, token.token, token.expiresAtMs - REFRESH_BEFORE_MS)
    return token.token
  } finally {
    mintingSinceMs.delete(name)
  }
}

async function storedToken(name: string, world: AuthWorld): Promise<MintedToken | undefined> {
  const stored = await world.tokens.get(name)
  return stored && stored.expiresAtMs - REFRESH_BEFORE_MS > world.nowMs() ? stored : undefined
}

async function mintAndStore(
  name: string,
  kind: Mint,
  account: GoogleServiceAccount,
  world: AuthWorld,
): Promise<MintedToken> {
  const token = await kind.mint(account, world)
  await world.tokens.put(name, token)
  return token
}

async function forgetToken(
  account: GoogleServiceAccount,
  kind: Mint,
  world: AuthWorld,
): Promise<void> {
  const name = await tokenName(account, kind)
  tokens.delete(name)
  await world.tokens.delete(name)
}

/** Names a token by a hash of the whole credential, so that a rotated one is never answered with the old one's token. */
async function tokenName(account: GoogleServiceAccount, kind: Mint): Promise<string> {
  let hash = credentialHashes.get(account)
  if (hash === undefined) {
    const identity = JSON.stringify([account.clientEmail, account.privateKeyId, account.privateKey])
    hash = hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(identity)))
    credentialHashes.set(account, hash)
  }
  return `${kind.name}/${hash}`
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

/** Only Google's error code is passed on: its description repeats the account's address. */
function readTokenAnswer(status: number, text: string, nowMs: number): MintedToken {
  const answer = tryParseJson(text)
  if (status === 200 && isObject(answer)) {
    const { access_token: token, expires_in: seconds } = answer
    if (typeof token === 'string' && token !== '' && typeof seconds === 'number') {
      return { token, expiresAtMs: nowMs + seconds * 1000 }
    }
  }
  const code = isObject(answer) && typeof answer['error'] === 'string' ? answer['error'] : ''
  const reason = /^[a-z_]{1,40}$/.test(code) ? code : `HTTP ${status}`
  throw new CredentialRefused(status, `Google refused to exchange the credential (${reason})`)
}
