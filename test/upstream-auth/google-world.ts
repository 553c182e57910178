import type { GoogleServiceAccount } from '../../src/core/credentials.ts'
import { base64, fromBase64url } from '../../src/core/encoding.ts'
import { isObject, type JsonObject } from '../../src/core/parse.ts'
import type { AuthWorld, MintedToken, TokenStore } from '../../src/upstream-auth/upstream-auth.ts'

/** A key that a service account signs with, and the half that its signatures are checked with. */
export interface TestKey {
  readonly pem: string
  readonly publicKey: CryptoKey
}

const RS256 = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}

/** A pair of keys that can be exported. */
export async function generatePair(
  algorithm: SubtleCryptoGenerateKeyAlgorithm,
): Promise<CryptoKeyPair> {
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if ('privateKey' in pair) return pair
  throw new Error('not a pair')
}

export async function newTestKey(): Promise<TestKey> {
  const pair = await generatePair(RS256)
  return { pem: await pemOf(pair.privateKey), publicKey: pair.publicKey }
}

/** A private key as Google's files have it: PKCS#8 in lines of 64. */
export async function pemOf(key: CryptoKey): Promise<string> {
  return armoured('PRIVATE KEY', new Uint8Array(await exported(key)))
}

async function exported(key: CryptoKey): Promise<ArrayBuffer> {
  const der = await crypto.subtle.exportKey('pkcs8', key)
  if (der instanceof ArrayBuffer) return der
  throw new Error('not a PKCS#8 export')
}

export function armoured(label: string, der: Uint8Array): string {
  const lines = base64(der).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

export const accountOf = (
  { pem }: TestKey,
  more: Partial<GoogleServiceAccount> = {},
): GoogleServiceAccount => ({
  kind: 'google',
  projectId: 'my-project',
  clientEmail: 'canary-account@my-project.iam.gserviceaccount.com',
  privateKeyId: 'key-id-1',
  privateKey: pem,
  ...more,
})

export interface Exchange {
  readonly url: string
  readonly init: RequestInit
  readonly form: URLSearchParams
}

export interface TestWorld extends AuthWorld {
  readonly exchanges: Exchange[]
  readonly stored: Map<string, MintedToken>
  /** Passes time, and with it every sleep that ends in it. */
  pass(milliseconds: number): Promise<void>
}

type Answer = (exchange: number) => Response | Promise<Response>

export const tokenAnswer = (token: string, expiresIn = 3599): Response =>
  Response.json({ access_token: token, expires_in: expiresIn, token_type: 'Bearer' })

/** A world whose clock stands still until time is passed, and whose token endpoint answers as told. */
export function testWorld(
  answer: Answer = (count) => tokenAnswer(`ya29.token-${count}`),
): TestWorld {
  let now = Date.parse('2026-11-20T00:00:00Z')
  let sleepers: { readonly until: number; readonly wake: () => void }[] = []
  const exchanges: Exchange[] = []
  const stored = new Map<string, MintedToken>()
  const tokens: TokenStore = {
    get: (name) => Promise.resolve(stored.get(name)),
    put: (name, token) => Promise.resolve(void stored.set(name, token)),
    delete: (name) => Promise.resolve(void stored.delete(name)),
  }
  return {
    exchanges,
    stored,
    tokens,
    googleTokenUrl: 'https://token.example/token',
    waitUntil: (work) => void work,
    nowMs: () => now,
    sleep: (milliseconds) =>
      new Promise((wake) => sleepers.push({ until: now + milliseconds, wake })),
    async fetch(input, init = {}) {
      const form = new URLSearchParams(typeof init.body === 'string' ? init.body : '')
      const url = input instanceof Request ? input.url : String(input)
      return await answer(exchanges.push({ url, init, form }))
    },
    async pass(milliseconds) {
      await turn()
      now += milliseconds
      const due = sleepers.filter(({ until }) => until <= now)
      sleepers = sleepers.filter(({ until }) => until > now)
      for (const { wake } of due) wake()
      await turn()
    },
  }
}

/** Lets everything that can go on go on, the platform's cryptography too. */
async function turn(): Promise<void> {
  for (let times = 0; times < 5; times++) await new Promise((resolve) => setTimeout(resolve, 0))
}

export interface Jwt {
  readonly header: JsonObject
  readonly claims: JsonObject
}

/** Takes a signed JWT apart. Throws when its signature is not the key's. */
export async function verifiedJwt(jwt: string, { publicKey }: TestKey): Promise<Jwt> {
  const [header = '', claims = '', signature = '', ...more] = jwt.split('.')
  const signed = new TextEncoder().encode(`${header}.${claims}`)
  const isGood = await crypto.subtle.verify(
    'RSASSA-PKCS1-v1_5',
    publicKey,
    fromBase64url(signature),
    signed,
  )
  if (!isGood || more.length > 0) throw new Error('not signed with this key')
  return { header: jsonIn(header), claims: jsonIn(claims) }
}

function jsonIn(part: string): JsonObject {
  const value: unknown = JSON.parse(new TextDecoder().decode(fromBase64url(part)))
  if (isObject(value)) return value
  throw new Error('not a JSON object')
}
