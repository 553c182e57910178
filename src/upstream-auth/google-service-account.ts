import type { GoogleServiceAccount } from '../core/credentials.ts'
import { fromBase64 } from '../core/encoding.ts'
import { type GatewayError, invalidRequest } from '../core/errors.ts'
import { optionalString, requireString } from '../core/parse.ts'
import { jsonCredential } from './json-credential.ts'
import type { CredentialFormat } from './upstream-auth.ts'

/** A project's id, old domain-scoped ones included. It becomes part of a path. */
export const GOOGLE_PROJECT =
  /^(?:[a-z0-9][a-z0-9.-]{0,62}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$|^\d{6,19}$/

const PRIVATE_KEY = 'provider_key.private_key'

/** RFC 7518 §3.3: nobody takes an RS256 signature of a smaller one. */
const MIN_MODULUS_BITS = 2048
/** More than twice what a key of 8,192 bits takes; what is longer is not worth looking at. */
const MAX_PEM_CHARACTERS = 16_384

/**
 * The JSON file of a service account. Its `token_uri` and every other address in it are ignored: whoever writes the
 * file would choose where the signed assertion is sent.
 * https://cloud.google.com/iam/docs/keys-create-delete
 */
export const googleFormat: CredentialFormat<GoogleServiceAccount> = {
  kind: 'google',
  async parse(value) {
    const object = jsonCredential(value, '{"type":"service_account","project_id":"…",…}')
    const path = 'provider_key'
    if (requireString(object, 'type', path) !== 'service_account') {
      throw invalidRequest(
        'provider_key.type must be service_account: other kinds name addresses to be called.',
        'provider_key.type',
      )
    }
    const universe = optionalString(object, 'universe_domain', path)
    if (universe !== undefined && universe !== 'googleapis.com') {
      throw invalidRequest(
        'provider_key.universe_domain must be googleapis.com.',
        'provider_key.universe_domain',
      )
    }
    const projectId = requireString(object, 'project_id', path)
    if (!GOOGLE_PROJECT.test(projectId)) {
      throw invalidRequest(
        'provider_key.project_id is not a project id.',
        'provider_key.project_id',
      )
    }
    const privateKey = normalisePrivateKey(requireString(object, 'private_key', path))
    await importPrivateKey(privateKey)
    const clientEmail = requireString(object, 'client_email', path)
    if (!/^[^\s@]+@[^\s@]+$/.test(clientEmail)) {
      throw invalidRequest(
        'provider_key.client_email must be an e-mail address.',
        'provider_key.client_email',
      )
    }
    const privateKeyId = optionalString(object, 'private_key_id', path)
    const account = { kind: 'google', projectId, clientEmail, privateKey } as const
    return privateKeyId === undefined ? account : { ...account, privateKeyId }
  },
  // The end of a PEM is the same for every key, so no hint is taken from it.
  secretOf: () => '',
}

/** A PEM with real line ends, from one with literal `\n` or `\\n`, CRLF, quotes around it or no last line end. */
function normalisePrivateKey(pasted: string): string {
  if (pasted.length > MAX_PEM_CHARACTERS) throw notAKey()
  const text = pasted.replaceAll(/\\{1,2}[rn]/g, '\n').replaceAll(/^["'\s]+|["'\s]+$/g, '')
  if (/-----BEGIN RSA PRIVATE KEY-----/.test(text)) {
    throw invalidRequest(
      `${PRIVATE_KEY} is in PKCS#1 form. Convert it: openssl pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem`,
      PRIVATE_KEY,
    )
  }
  const match = /^-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----$/.exec(
    text,
  )
  const body = match?.[1]?.replaceAll(/\s+/g, '')
  if (body === undefined) throw notAKey()
  const lines = body.match(/.{1,64}/g) ?? []
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n')
}

/** The normalised PEM as a key that signs RS256. */
export async function importPrivateKey(pem: string): Promise<CryptoKey> {
  const key = await importPkcs8(pem)
  const { algorithm } = key
  if ('modulusLength' in algorithm && algorithm.modulusLength >= MIN_MODULUS_BITS) return key
  throw invalidRequest(`${PRIVATE_KEY} must be an RSA key of 2048 bits or more.`, PRIVATE_KEY)
}

async function importPkcs8(pem: string): Promise<CryptoKey> {
  try {
    const der = fromBase64(pem.replaceAll(/-----[A-Z ]+-----|\s+/g, ''))
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    return await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  } catch {
    throw notAKey()
  }
}

function notAKey(): GatewayError {
  return invalidRequest(
    `${PRIVATE_KEY} is not a private key in PKCS#8 PEM form (-----BEGIN PRIVATE KEY-----…).`,
    PRIVATE_KEY,
  )
}
