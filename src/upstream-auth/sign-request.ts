import type { AwsSigningKey } from '../core/credentials.ts'
import { hex } from '../core/encoding.ts'
import type { OutgoingHeaders, OutgoingRequest } from './upstream-auth.ts'

/**
 * AWS Signature Version 4. Written here and not taken from a library, which asks the runtime for a URL, its headers and a
 * key anew for each signature and takes twice as long (docs/performance.md).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
const ALGORITHM = 'AWS4-HMAC-SHA256'

export interface SigningScope {
  readonly key: AwsSigningKey
  readonly service: string
  readonly region: string
  readonly nowMs: number
}

/**
 * The headers that prove who sends a request. Of its other headers only the host is signed: whatever else is on it may be
 * changed on its way. Throws for a body that is a stream.
 */
export async function signRequest(
  { method, url, body }: Pick<OutgoingRequest, 'method' | 'url' | 'body'>,
  { key, service, region, nowMs }: SigningScope,
): Promise<OutgoingHeaders> {
  const time = new Date(nowMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const { host, pathname, search } = new URL(url)
  const { accessKeyId, secretAccessKey, sessionToken } = key
  const proof: OutgoingHeaders = { 'x-amz-date': time }
  if (sessionToken !== undefined) proof['x-amz-security-token'] = sessionToken
  // In the order of the alphabet, as they must be.
  const signed = Object.entries({ host, ...proof })
  const names = signed.map(([name]) => name).join(';')
  const canonical = [
    method,
    encodedTwice(pathname),
    canonicalQuery(search),
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    await sha256Hex(bytesOf(body)),
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = [ALGORITHM, time, scope, await sha256Hex(encoder.encode(canonical))].join('\n')
  const signingKey = await signingKeyOf([`AWS4${secretAccessKey}`, day, region, service])
  const signature = hex(await crypto.subtle.sign('HMAC', signingKey, encoder.encode(toSign)))
  const credential = `${accessKeyId}/${scope}`
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`
  return { ...proof, authorization }
}

const encoder = new TextEncoder()

function bytesOf(body: OutgoingRequest['body']): BufferSource {
  if (typeof body === 'string') return encoder.encode(body)
  if (body === null || body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    return body ?? new Uint8Array(0)
  }
  throw new Error('A body that is signed must be held whole.')
}

async function sha256Hex(bytes: BufferSource): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', bytes))
}

/** A path is encoded once in its URL, and once more when it is signed. */
function encodedTwice(pathname: string): string {
  return encoded(pathname.replaceAll(/\/+/g, '/')).replaceAll('%2F', '/')
}

function canonicalQuery(search: string): string {
  if (search === '') return ''
  return [...new URLSearchParams(search)]
    .filter(([name]) => name !== '')
    .map((pair) => pair.map(encoded))
    .toSorted(inOrder)
    .map((pair) => pair.join('='))
    .join('&')
}

/** By name and then by value. The text of both would put a name behind those that begin with it. */
function inOrder(one: readonly string[], other: readonly string[]): number {
  const at = one[0] === other[0] ? 1 : 0
  const [first = '', second = ''] = [one[at], other[at]]
  if (first === second) return 0
  return first < second ? -1 : 1
}

/** RFC 3986, which leaves fewer characters as they are than JavaScript does. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Signing keys by secret, day, region and service, so that four of the five HMACs are done once a day. */
const signingKeys = new Map<string, CryptoKey>()
const MAX_SIGNING_KEYS = 500

async function signingKeyOf([secret = '', ...parts]: readonly string[]): Promise<CryptoKey> {
  const name = [secret, ...parts].join('\n')
  const known = signingKeys.get(name)
  if (known !== undefined) return known
  let key = await hmacKey(encoder.encode(secret))
  for (const part of [...parts, 'aws4_request']) {
    key = await hmacKey(await crypto.subtle.sign('HMAC', key, encoder.encode(part)))
  }
  if (signingKeys.size >= MAX_SIGNING_KEYS) signingKeys.clear()
  signingKeys.set(name, key)
  return key
}

async function hmacKey(bytes: BufferSource): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign'])
}
