import { verify } from 'node:crypto'
import type { GoogleAccount } from './credentials.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const MAX_LIFETIME_SECONDS = 3600
const MAX_SKEW_SECONDS = 60

/** What a signed assertion is judged by. */
export interface AssertionExpectation {
  now: number
  lookUp: (email: string) => GoogleAccount | undefined
}

/** Whose assertion it is, or why it is none. */
export type Verdict =
  | { account: GoogleAccount; claims: Record<string, unknown> }
  | { error: 'invalid_grant' | 'invalid_scope'; description: string }

/** Judges the assertion of a token exchange: the audience is the token endpoint, the scope is in it. */
export function verifyExchangeAssertion(jwt: string, expectation: AssertionExpectation): Verdict {
  const verdict = verifySigned(jwt, expectation)
  if ('error' in verdict) return verdict
  const { claims, account } = verdict
  if (claims['aud'] !== 'https://oauth2.googleapis.com/token') {
    return invalid('Invalid JWT: Failed audience check.')
  }
  if (claims['sub'] !== undefined && claims['sub'] !== account.email) {
    return invalid('Client is unauthorized to retrieve access tokens using this method.')
  }
  if (claims['scope'] !== SCOPE) {
    return {
      error: 'invalid_scope',
      description: 'Invalid OAuth scope or ID token audience provided.',
    }
  }
  return verdict
}

/** Judges a JWT that is used as the access token itself: a scope or an audience, never both. */
export function verifySelfSigned(jwt: string, expectation: AssertionExpectation): Verdict {
  const verdict = verifySigned(jwt, expectation)
  if ('error' in verdict) return verdict
  const { aud, scope, sub } = verdict.claims
  if (sub !== verdict.account.email) return invalid('Invalid JWT: sub is not the issuer.')
  if ((aud === undefined) === (scope === undefined)) {
    return invalid('Invalid JWT: exactly one of aud and scope is needed.')
  }
  if (scope !== undefined && scope !== SCOPE) return invalid('Invalid JWT: scope.')
  if (aud !== undefined && aud !== 'https://aiplatform.googleapis.com/') {
    return invalid('Invalid JWT: Failed audience check.')
  }
  return verdict
}

function verifySigned(jwt: string, { now, lookUp }: AssertionExpectation): Verdict {
  const parts = jwt.split('.')
  const [head = '', body = '', signature = ''] = parts
  const header = decode(head)
  const claims = decode(body)
  if (parts.length !== 3 || !header || !claims) return invalid('Invalid JWT: malformed.')
  if (header['alg'] !== 'RS256' || header['typ'] !== 'JWT') return invalid('Invalid JWT: header.')
  const account = typeof claims['iss'] === 'string' ? lookUp(claims['iss']) : undefined
  if (!account) return invalid('Invalid grant: account not found')
  if (header['kid'] !== account.keyId) return invalid('Invalid JWT Signature: no such key.')
  const proof = Buffer.from(signature, 'base64url')
  if (!verify('RSA-SHA256', Buffer.from(`${head}.${body}`), account.publicKey, proof)) {
    return invalid('Invalid JWT Signature.')
  }
  return isTimely(claims, now / 1000)
    ? { account, claims }
    : invalid(
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      )
}

function isTimely({ iat, exp }: Record<string, unknown>, seconds: number): boolean {
  if (!Number.isInteger(iat) || !Number.isInteger(exp)) return false
  const [from, until] = [Number(iat), Number(exp)]
  if (until - from > MAX_LIFETIME_SECONDS || until <= from) return false
  return from <= seconds + MAX_SKEW_SECONDS && until > seconds
}

// Base64url without padding is the only spelling a JWT knows.
function decode(part: string): Record<string, unknown> | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function invalid(description: string): Verdict {
  return { error: 'invalid_grant', description }
}
