import type { CircuitBoard } from '../core/circuit-board.ts'
import type { EndpointCredential, StoredCredential } from '../core/credentials.ts'
import type { Ask, Terms } from '../limits/terms.ts'
import type { BaseUrlOverrides } from '../providers/base-url.ts'
import type { EndpointRecord, SealedProviderKey } from '../storage/replica/records.ts'
import type { Replica } from '../storage/replica/replica.ts'
import type { StopTimer } from '../streams/deadlines.ts'
import type { TokenStore } from '../upstream-auth/upstream-auth.ts'

/** Which endpoint of which organization. */
export interface EndpointPlace {
  readonly organizationId: string
  readonly endpointId: string
  /** What errors call it. */
  readonly endpointName: string
}

/** The gateway's whole world: nothing in this folder reaches for anything else. */
export interface Dependencies {
  readonly fetch: typeof fetch
  readonly nowMs: () => number
  /** At least 0 and below 1. */
  readonly random: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Rings once, unless it is stopped. */
  readonly startTimer: (milliseconds: number, ring: () => void) => StopTimer
  /** Keeps the runtime from ending work that goes on while the answer is read. */
  readonly waitUntil: (work: Promise<unknown>) => void
  readonly replica: Replica
  /** The same object for the same key, for as long as the key is remembered. */
  readonly openCredential: (
    organizationId: string,
    key: SealedProviderKey,
  ) => Promise<StoredCredential>
  /** What goes with requests to a private endpoint; the same object for the same record. */
  readonly openEndpoint: (
    organizationId: string,
    endpoint: EndpointRecord,
  ) => Promise<EndpointCredential>
  /** A fetch that goes through the connectors of an endpoint; of the URL, the path and the query count. */
  readonly connectorFetch: (endpoint: EndpointPlace) => typeof fetch
  /** Asks the organization's record for a share of what an API key may use. */
  readonly borrow: (
    key: { readonly organizationId: string; readonly apiKeyId: string },
    ask: Ask,
  ) => Promise<Terms>
  /** How the targets of this isolate's calls fared. */
  readonly circuits: CircuitBoard
  /** The deployment's own secrets that provider keys may name. */
  readonly secretNamed: (name: string) => string | undefined
  readonly allowLoopbackUpstreams: boolean
  /** Ports beside 443 that private endpoints may be on. */
  readonly allowedEndpointPorts?: readonly number[]
  readonly tokenStore: (organizationId: string) => TokenStore
  readonly baseUrls: BaseUrlOverrides
  readonly googleTokenUrl: string
  readonly entraTokenBase?: string | undefined
}
