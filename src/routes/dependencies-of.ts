import { CircuitBoard } from '../core/circuit-board.ts'
import type { EndpointCredential, StoredCredential } from '../core/credentials.ts'
import type { Dependencies } from '../gateway/dependencies.ts'
import { CIRCUIT_LIMITS } from '../gateway/target/circuit-limits.ts'
import { requireKnownProviders } from '../providers/base-url.ts'
import { providerCatalog } from '../providers/catalog.ts'
import { type Env, readSettings } from '../storage/env.ts'
import type { EndpointRecord, SealedProviderKey } from '../storage/replica/records.ts'
import { replicaOf } from '../storage/replica/replica.ts'
import { tokenStoreOf } from '../storage/replica/token-store.ts'
import { borrow } from '../storage/resources/borrow.ts'
import { openEndpointSecrets } from '../storage/resources/endpoints.ts'
import { openCredential } from '../storage/resources/provider-keys.ts'
import { byokSecret } from '../storage/sealed/byok-secret.ts'
import { tunnelFetch } from '../tunnel/tunnel-fetch.ts'

const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token'

/** Opened credentials live exactly as long as the remembered record that they were opened from. */
const credentials = new WeakMap<SealedProviderKey, StoredCredential>()
const endpointCredentials = new WeakMap<EndpointRecord, EndpointCredential>()

async function openedOnce<Sealed extends object, Opened>(
  known: WeakMap<Sealed, Opened>,
  sealed: Sealed,
  open: () => Promise<Opened>,
): Promise<Opened> {
  const before = known.get(sealed)
  if (before !== undefined) return before
  const opened = await open()
  known.set(sealed, opened)
  return opened
}

/** How targets fared, told to no other isolate: each finds out for itself. */
const circuits = new CircuitBoard(CIRCUIT_LIMITS)

/** The clock and the timers of the platform. */
export const TIME: Pick<Dependencies, 'nowMs' | 'sleep' | 'startTimer'> = {
  nowMs: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  startTimer(milliseconds, ring) {
    const timer = setTimeout(ring, milliseconds)
    return () => clearTimeout(timer)
  },
}

type Lasting = Omit<Dependencies, 'waitUntil'>

/** What is the same for every request is made once for each `env`. */
const lasting = new WeakMap<Env, Lasting>()

/** The gateway's world as the platform gives it for one request. */
export function dependenciesOf({
  env,
  executionCtx,
}: {
  readonly env: Env
  readonly executionCtx: Pick<ExecutionContext, 'waitUntil'>
}): Dependencies {
  return { ...lastingOf(env), waitUntil: (work) => executionCtx.waitUntil(work) }
}

function lastingOf(env: Env): Lasting {
  const known = lasting.get(env)
  if (known !== undefined) return known
  const made = newLasting(env)
  lasting.set(env, made)
  return made
}

function newLasting(env: Env): Lasting {
  const settings = readSettings(env)
  const { masterKeys } = settings
  requireKnownProviders(settings.providerBaseUrls, providerCatalog.names)
  return {
    fetch: (input, init) => fetch(input, init),
    ...TIME,
    random: () => Math.random(),
    replica: replicaOf(env),
    openCredential: (organizationId, key) =>
      openedOnce(credentials, key, () => openCredential(masterKeys, organizationId, key)),
    openEndpoint: (organizationId, endpoint) =>
      openedOnce(endpointCredentials, endpoint, () =>
        openEndpointSecrets(masterKeys, organizationId, endpoint),
      ),
    connectorFetch: (place) => (input, init) =>
      tunnelFetch({ namespace: env.CONNECTOR, ...place }, new Request(input, init)),
    borrow: (key, ask) => borrow(env, key, ask),
    circuits,
    secretNamed: (name) => byokSecret(env, name),
    allowLoopbackUpstreams: settings.allowLoopbackUpstreams,
    allowedEndpointPorts: settings.allowedEndpointPorts,
    tokenStore: (organizationId) => tokenStoreOf(env, organizationId),
    baseUrls: settings.providerBaseUrls,
    googleTokenUrl: settings.providerBaseUrls['google_token'] ?? GOOGLE_TOKEN_URL,
    entraTokenBase: settings.providerBaseUrls['entra_token'],
  }
}
