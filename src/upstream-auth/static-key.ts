import type { AzureCredential, KeyCredential } from '../core/credentials.ts'
import { invalidRequest } from '../core/errors.ts'
import type { CredentialFormat, UpstreamAuth } from './upstream-auth.ts'

/** Keys that go into a header as they are. */
type HeaderKey = KeyCredential | AzureCredential

/** Printable ASCII without spaces: whatever else is in a pasted key cannot be sent in a header. */
const HEADER_SAFE = /^[\x21-\x7e]{1,8192}$/

/** What examples have where a key belongs. */
const PLACEHOLDER = /\.\.\.|…|^<.*>$/

/** `Authorization: Bearer <key>`, RFC 6750 §2.1. */
export const bearer: UpstreamAuth<HeaderKey> = {
  signsBody: false,
  prove(request, credential) {
    request.headers['authorization'] = `Bearer ${credential.apiKey}`
  },
}

/**
 * A header that holds the key and nothing else, such as Anthropic's `x-api-key`. What looks like an OAuth token is no
 * key, and goes as a bearer.
 */
export function keyHeader(name: string, token?: RegExp): UpstreamAuth<HeaderKey> {
  return {
    signsBody: false,
    prove(request, credential, place, world) {
      if (token?.test(credential.apiKey)) return bearer.prove(request, credential, place, world)
      request.headers[name] = credential.apiKey
    },
  }
}

/** A caller's own key as a whole credential. */
export const keyCredential = (apiKey: string): KeyCredential => ({ kind: 'key', apiKey })

/** A credential that is one string. */
export const keyFormat: CredentialFormat<KeyCredential> = {
  kind: 'key',
  parse: (value) => keyCredential(headerSafeKey(value, 'provider_key')),
  secretOf: (credential) => credential.apiKey,
}

/** The text as a key that a header can carry, without the white space that pasting brings along. */
export function headerSafeKey(value: unknown, param: string): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw invalidRequest(`${param} must be a non-empty string.`, param)
  }
  const key = value.trim()
  if (PLACEHOLDER.test(key)) {
    throw invalidRequest(`${param} is still a placeholder. Put the key itself there.`, param)
  }
  if (!HEADER_SAFE.test(key)) {
    throw invalidRequest(
      `${param} has characters that no key has (spaces, line breaks or non-ASCII).`,
      param,
    )
  }
  return key
}
