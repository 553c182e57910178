import type { Context, Handler } from 'hono'
import { CircuitBoard } from '../core/circuit-board.ts'
import type { EndpointCredential, StoredCredential } from '../core/credentials.ts'
import { GatewayError } from '../core/errors.ts'
import { CIRCUIT_LIMITS } from '../gateway/circuit-limits.ts'
import type { Dependencies } from '../gateway/dependencies.ts'
import { endingOfStatus } from '../gateway/meter.ts'
import { newTrace, type Trace } from '../gateway/trace.ts'
import { borrow } from '../storage/borrow.ts'
import { byokSecret } from '../storage/byok-secret.ts'
import { requireKnownNames } from '../providers/base-url.ts'
import { providerCatalog } from '../providers/catalog.ts'
import { type Env, readSettings } from '../storage/env.ts'
import { ANSWERED } from '../storage/key-health.ts'
import { noteKeyUse } from '../storage/note-key-use.ts'
import type { MasterKeys } from '../storage/master-keys.ts'
import { openCredential } from '../storage/provider-keys.ts'
import { openEndpointSecrets } from '../storage/endpoints.ts'
import type { EndpointRecord, SealedProviderKey } from '../storage/records.ts'
import { replicaOf } from '../storage/replica.ts'
import { tokenStoreOf } from '../storage/token-store.ts'
import { tunnelFetch } from '../tunnel/tunnel-fetch.ts'
import { errorResponse, type ErrorShape, gatewayErrorOf } from './error-response.ts'
import { recordRequest } from './record-request.ts'

export type AppContext = Context<{ Bindings: Env }>

const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token'

/** A request's id: in every answer, and in every line that is logged for it. */
export function newRequestId(): string {
  return `req_${crypto.randomUUID().replaceAll('-', '')}`
}

/** A route of the data plane: the handler gets its whole world, and what it throws is said in the surface's shape. */
export function dataPlane(
  shape: ErrorShape | ((c: AppContext) => ErrorShape),
  handle: (c: AppContext, deps: Dependencies, trace: Trace) => Promise<Response>,
): Handler<{ Bindings: Env }> {
  return async function answer(c) {
    const platform = platformOf(c)
    const startMs = platform.nowMs()
    const trace = newTrace(newRequestId(), (ended, ending) =>
      recordRequest(c.env, { trace: ended, ending, startMs }, platform),
    )
    endAtDeparture(c.req.raw, trace)
    try {
      const response = await handle(c, dependenciesOf(c), trace)
      if (!trace.meter.isHeld) trace.meter.end(endingOfStatus(response.status))
      return response
    } catch (error) {
      const response = errorResponse(error, typeof shape === 'string' ? shape : shape(c), trace)
      trace.meter.end({ status: response.status, outcome: codeOf(error) })
      return response
    } finally {
      if (trace.goesOn === undefined) noteUse(c, trace)
      else platform.waitUntil(noteUseAfter(trace.goesOn, c, trace))
    }
  }
}

/** A caller who leaves ends the request, whatever still goes on for it. */
function endAtDeparture({ signal }: Request, { meter }: Trace): void {
  const leave = (): void => meter.end({ status: meter.isHeld ? 200 : null, outcome: 'client_left' })
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
}

function codeOf(error: unknown): string {
  return error instanceof GatewayError ? error.code : 'internal_error'
}

async function noteUseAfter(work: Promise<unknown>, c: AppContext, trace: Trace): Promise<void> {
  await work.catch((error: unknown) => void gatewayErrorOf(error, trace))
  noteUse(c, trace)
}

function noteUse(c: AppContext, { caller, attempts }: Trace): void {
  if (caller === undefined) return
  const providerKeys = attempts.map(({ keyId: id, isEndpoint, reason, fault, health }) => ({
    id,
    wasTried: isEndpoint === true ? reason === undefined : reason !== 'misconfigured',
    ...(fault === undefined ? {} : { fault }),
    health: health ?? (reason === undefined ? ANSWERED : undefined),
  }))
  noteKeyUse(c.env, { ...caller, providerKeys }, platformOf(c))
}

/** What work behind an answer needs of the platform, too. */
function platformOf({
  executionCtx,
}: Pick<AppContext, 'executionCtx'>): Pick<Dependencies, 'nowMs' | 'sleep' | 'waitUntil'> {
  return {
    nowMs: () => Date.now(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    waitUntil: (work) => executionCtx.waitUntil(work),
  }
}

/** Opened credentials live exactly as long as the cached record that they were opened from. */
const credentials = new WeakMap<SealedProviderKey, StoredCredential>()
const endpointCredentials = new WeakMap<EndpointRecord, EndpointCredential>()

async function opened(
  masterKeys: MasterKeys,
  organizationId: string,
  key: SealedProviderKey,
): Promise<StoredCredential> {
  const known = credentials.get(key)
  if (known !== undefined) return known
  const credential = await openCredential(masterKeys, organizationId, key)
  credentials.set(key, credential)
  return credential
}

async function openedEndpoint(
  masterKeys: MasterKeys,
  organizationId: string,
  endpoint: EndpointRecord,
): Promise<EndpointCredential> {
  const known = endpointCredentials.get(endpoint)
  if (known !== undefined) return known
  const credential = await openEndpointSecrets(masterKeys, organizationId, endpoint)
  endpointCredentials.set(endpoint, credential)
  return credential
}

/** How targets fared, told to no other isolate: each finds out for itself. */
const circuits = new CircuitBoard(CIRCUIT_LIMITS)

/** The gateway's world as the platform gives it for one request. */
export function dependenciesOf(c: Pick<AppContext, 'env' | 'executionCtx'>): Dependencies {
  const { env } = c
  const settings = readSettings(env)
  requireKnownNames(settings.providerBaseUrls, providerCatalog.names)
  return {
    fetch: (input, init) => fetch(input, init),
    ...platformOf(c),
    startTimer: (milliseconds, ring) => {
      const timer = setTimeout(ring, milliseconds)
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
    replica: replicaOf(env),
    openCredential: (organizationId, key) => opened(settings.masterKeys, organizationId, key),
    openEndpoint: (organizationId, endpoint) =>
      openedEndpoint(settings.masterKeys, organizationId, endpoint),
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
  }
}
