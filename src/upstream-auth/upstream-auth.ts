import type { Credential } from '../core/credentials.ts'

/**
 * A request's headers by their names in lower case. They are the runtime's own only once they are sent: each look into
 * those, and each change, is a crossing.
 */
export type OutgoingHeaders = Record<string, string>

/** A request that is finished but for its proof of identity. */
export interface OutgoingRequest {
  readonly method: string
  readonly url: string
  readonly headers: OutgoingHeaders
  readonly body: BodyInit | null
}

/** Where in the provider's world a request goes: an AWS region, a Google location; empty where there is but one. */
export interface Place {
  readonly location: string
}

/** What proving may need of the world outside, handed in. */
export interface AuthWorld {
  readonly fetch: typeof fetch
  readonly nowMs: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Keeps the runtime from ending work that nobody waits for. */
  readonly waitUntil: (work: Promise<unknown>) => void
  /** Where Google's tokens are exchanged. */
  readonly googleTokenUrl: string
  /** Where Entra's are, without the tenant; its own where this says nothing. */
  readonly entraTokenBase?: string | undefined
  /** Minted tokens that outlive this isolate, of one organization. */
  readonly tokens: TokenStore
}

/** A shared, sealed store of minted tokens. */
export interface TokenStore {
  get(name: string): Promise<MintedToken | undefined>
  put(name: string, token: MintedToken): Promise<void>
  delete(name: string): Promise<void>
}

export interface MintedToken {
  readonly token: string
  readonly expiresAtMs: number
}

/**
 * Proof of identity at a provider, applied last to a finished request by setting headers on it.
 * Throws `CredentialRefused` when the provider will not take the credential.
 */
export interface UpstreamAuth<C extends Credential> {
  /** The proof covers the body, which must therefore be held whole. */
  readonly signsBody: boolean
  prove(
    request: OutgoingRequest,
    credential: C,
    place: Place,
    world: AuthWorld,
  ): void | Promise<void>
  /** Called when the provider refused the proof that is on the request: what was kept of it is thrown away. */
  forget?(request: OutgoingRequest, credential: C, world: AuthWorld): Promise<void>
}

/** How a kind of credential is read from what an organization pastes. Errors name the field and never the value. */
export interface CredentialFormat<C extends Credential> {
  readonly kind: C['kind']
  parse(value: unknown, options: CredentialOptions): C | Promise<C>
  /** The secret of which the last characters may be shown as a hint. */
  secretOf(credential: C): string
}

export interface CredentialOptions {
  readonly allowLoopbackUpstreams: boolean
}

/** The provider, or its token endpoint, refused a credential before a request could be sent. */
export class CredentialRefused extends Error {
  override readonly name = 'CredentialRefused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
