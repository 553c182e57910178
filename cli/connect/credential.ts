import { usage } from '../failure.ts'

/** Where the model's key goes. `forward` passes on what Keyway sends, which is the key that is stored there, if one is. */
export const AUTH_KINDS = ['bearer', 'api-key', 'x-api-key', 'none', 'forward'] as const

export type AuthKind = (typeof AUTH_KINDS)[number]

/** The headers that say who is asking, in the order in which one is preferred. */
export const CREDENTIAL_HEADERS = ['authorization', 'x-api-key', 'api-key'] as const

/** The one credential that the model gets. Two are refused by some servers, and one of them would be somebody else's. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'forward' }
  | { readonly kind: 'key'; readonly header: string; readonly value: string }

/** How the key is sent: as said, else as a bearer token where there is one here. */
export function authOf(auth: AuthKind | undefined, hasKey: boolean): AuthKind {
  if (auth === undefined) return hasKey ? 'bearer' : 'forward'
  const needsKey = auth !== 'none' && auth !== 'forward'
  if (needsKey === hasKey) return auth
  throw hasKey
    ? usage(`There is a key, and --auth ${auth} sends none.`)
    : usage(
        `--auth ${auth} needs the model's key.`,
        'Say where to read it: --key-file PATH or --key-env NAME.',
      )
}

/** The header that carries a key. */
export function credentialOf(auth: AuthKind, key: string): Credential {
  if (auth === 'none' || auth === 'forward') return { kind: auth }
  // What a header cannot carry is said here, where the file can be named, and not by each request.
  if (!/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(key)) {
    throw usage(
      "The model's key has characters that a header cannot carry.",
      'Is it the key alone?',
    )
  }
  return auth === 'bearer'
    ? { kind: 'key', header: 'authorization', value: `Bearer ${key}` }
    : { kind: 'key', header: auth, value: key }
}
