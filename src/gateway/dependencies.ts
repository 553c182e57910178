import type { StoredCredential } from '../core/credentials.ts'
import type { BaseUrlOverrides } from '../providers/base-url.ts'
import type { SealedProviderKey } from '../storage/records.ts'
import type { Replica } from '../storage/replica.ts'
import type { TokenStore } from '../upstream-auth/upstream-auth.ts'

/** The gateway's whole world: nothing in this folder reaches for anything else. */
export interface Dependencies {
  readonly fetch: typeof fetch
  readonly nowMs: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Keeps the runtime from ending work that goes on while the answer is read. */
  readonly waitUntil: (work: Promise<unknown>) => void
  readonly replica: Replica
  /** The same object for the same key, for as long as the key is remembered. */
  readonly openCredential: (
    organizationId: string,
    key: SealedProviderKey,
  ) => Promise<StoredCredential>
  /** The deployment's own secrets that provider keys may name. */
  readonly secretNamed: (name: string) => string | undefined
  readonly allowLoopbackUpstreams: boolean
  readonly tokenStore: (organizationId: string) => TokenStore
  readonly baseUrls: BaseUrlOverrides
  readonly googleTokenUrl: string
}
