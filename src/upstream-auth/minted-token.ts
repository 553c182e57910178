import { hex } from '../core/encoding.ts'
import { isObject, tryParseJson } from '../core/parse.ts'
import { TimedCache } from '../core/timed-cache.ts'
import {
  type AuthWorld,
  CredentialRefused,
  type MintedToken,
  type OutgoingRequest,
} from './upstream-auth.ts'

/** A token is replaced this long before it ends, so that none ends under way. */
const REFRESH_BEFORE_MS = 300_000
/** How long a request waits in all for the exchanges that others have begun before it makes its own. */
const MAX_WAIT_MS = 3000
const EXCHANGE_TIMEOUT_MS = 10_000
const POLL_MS = 5
/** How long the store may still give a token that was deleted: about as long as KV takes to settle everywhere. */
const REFUSED_MS = 120_000

const tokens = new TimedCache<string>(1000)
/** Tokens that a provider refused, which are not to come back from the store. */
const refused = new TimedCache<true>(1000)
/**
 * When the exchange under way for a token began. Requests share values and never promises: a promise ends with its
 * request, and so may an exchange, without a word; hence the time.
 */
const mintingSinceMs = new Map<string, number>()
const credentialHashes = new WeakMap<object, string>()

/** One way to get a token for a credential. */
export interface Mint<C extends object> {
  /** Sets its tokens apart from those that are minted in another way. */
  readonly name: string
  /** All that a token depends on, the secret too. */
  identity(credential: C): readonly unknown[]
  mint(credential: C, world: AuthWorld): Promise<MintedToken>
}

/** A token for the credential: one that is known, one that is stored, or a new one, minted for all who wait. */
export async function tokenFor<C extends object>(
  credential: C,
  kind: Mint<C>,
  world: AuthWorld,
): Promise<string> {
  const name = await tokenName(credential, kind)
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
    const known = await storedToken(name, world)
    const token = known ?? (await kind.mint(credential, world))
    tokens.set(name, token.token, token.expiresAtMs - REFRESH_BEFORE_MS)
    // Nobody waits for the store.
    if (known === undefined) world.waitUntil(world.tokens.put(name, token))
    return token.token
  } finally {
    mintingSinceMs.delete(name)
  }
}

/**
 * Throws away the token that was sent as the request's bearer, here and in the store. Another one that has taken its place
 * meanwhile stays.
 */
export async function forgetToken<C extends object>(
  { headers }: Pick<OutgoingRequest, 'headers'>,
  [credential, kind]: readonly [C, Mint<C>],
  world: AuthWorld,
): Promise<void> {
  const token = headers['authorization']?.replace('Bearer ', '') ?? ''
  const name = await tokenName(credential, kind)
  const nowMs = world.nowMs()
  refused.set(token, true, nowMs + REFUSED_MS)
  const known = tokens.get(name, nowMs)
  if (known !== undefined && known !== token) return
  tokens.delete(name)
  await world.tokens.delete(name)
}

/** Asks an OAuth token endpoint, `by` whose it is. https://www.rfc-editor.org/rfc/rfc6749#section-5 */
export async function exchange(
  { by, url, form }: { by: string; url: string; form: Record<string, string> },
  world: AuthWorld,
): Promise<MintedToken> {
  const response = await world.fetch(url, {
    method: 'POST',
    redirect: 'manual',
    signal: AbortSignal.timeout(EXCHANGE_TIMEOUT_MS),
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(form).toString(),
  })
  const { status } = response
  const answer = tryParseJson(await response.text())
  if (status === 200 && isObject(answer)) {
    const { access_token: token, expires_in: seconds } = answer
    if (typeof token === 'string' && token !== '' && typeof seconds === 'number') {
      return { token, expiresAtMs: world.nowMs() + seconds * 1000 }
    }
  }
  // Only the error code is passed on: its description repeats who asked.
  const code = isObject(answer) && typeof answer['error'] === 'string' ? answer['error'] : ''
  const reason = /^[a-z_]{1,40}$/.test(code) ? code : `HTTP ${status}`
  throw new CredentialRefused(status, `${by} refused to exchange the credential (${reason})`)
}

async function storedToken(name: string, world: AuthWorld): Promise<MintedToken | undefined> {
  const known = await world.tokens.get(name)
  const nowMs = world.nowMs()
  const isGood =
    known !== undefined &&
    known.expiresAtMs - REFRESH_BEFORE_MS > nowMs &&
    refused.get(known.token, nowMs) === undefined
  return isGood ? known : undefined
}

/** Names a token by a hash of the whole credential, so that a rotated one is never answered with the old one's token. */
async function tokenName<C extends object>(credential: C, kind: Mint<C>): Promise<string> {
  let hash = credentialHashes.get(credential)
  if (hash === undefined) {
    const identity = JSON.stringify(kind.identity(credential))
    hash = hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(identity)))
    credentialHashes.set(credential, hash)
  }
  return `${kind.name}/${hash}`
}
