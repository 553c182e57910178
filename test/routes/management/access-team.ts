import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose'
import type { Env } from '../../../src/storage/env.ts'
import { NOW, testEnv } from '../../storage/world.ts'

/** A team of Cloudflare Access that exists in these tests: its keys, its people, and what it was asked. */

export const AUDIENCE = 'aud0123456789abcdef'

export interface Team {
  readonly issuer: string
  readonly fetch: typeof fetch
  /** How often the keys were asked for. */
  readonly asked: string[]
  addKey(kid: string): Promise<void>
  sign(claims?: object, header?: Partial<JWTHeaderParameters>): Promise<string>
}

/** A team with one key, called `k1`. */
export async function newTeam(name: string): Promise<Team> {
  const issuer = `https://${name}.cloudflareaccess.com`
  const signers = new Map<string, CryptoKey>()
  const keys: JWK[] = []
  const asked: string[] = []
  const addKey = async (kid: string): Promise<void> => {
    const pair = await generateKeyPair('RS256', { extractable: true })
    signers.set(kid, pair.privateKey)
    keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg: 'RS256', use: 'sig' })
  }
  await addKey('k1')
  return {
    issuer,
    asked,
    addKey,
    fetch: (input) => {
      asked.push(String(input))
      return Promise.resolve(Response.json({ keys }))
    },
    sign: async (claims = {}, header = {}) => {
      const kid = header.kid ?? 'k1'
      const key = signers.get(kid) ?? (await generateKeyPair('RS256')).privateKey
      const nowSeconds = Math.floor(NOW.getTime() / 1000)
      const standard = { iss: issuer, aud: [AUDIENCE], iat: nowSeconds, exp: nowSeconds + 600 }
      return new SignJWT({ ...standard, email: 'ann@acme.example', ...claims })
        .setProtectedHeader({ alg: 'RS256', kid, ...header })
        .sign(key)
    },
  }
}

/** Settings that let the team's people in. */
export function accessEnv({ issuer }: Team, roles: readonly object[]): Env {
  return testEnv({
    ACCESS_TEAM_DOMAIN: issuer.slice('https://'.length),
    ACCESS_AUD: AUDIENCE,
    ACCESS_ROLES: JSON.stringify(roles),
  })
}
