import { GatewayError } from '../core/errors.ts'
import { checkNativePath } from '../core/native-path.ts'
import { allowsEveryModel } from '../core/patterns.ts'
import { withoutRepeatedVersion } from '../providers/base-url.ts'
import { groupOf, type Upstream } from '../providers/provider.ts'
import { answerNative } from './answer/answer-native.ts'
import { callFirstHealthy } from './attempt/call-upstream.ts'
import type { PreparedRequest } from './attempt/outcome.ts'
import { admit } from './caller/admit.ts'
import { authenticate, type Caller, requireModelAllowed } from './caller/authenticate.ts'
import type { HeaderValues } from './caller/header-values.ts'
import { type NativeBody, modelOfNative } from './caller/native-model.ts'
import type { PresentedKey } from './caller/read-api-key.ts'
import { declaredLength, readBody } from './caller/read-body.ts'
import { nativeRequestHeaders } from './caller/request-headers.ts'
import { readRequestOptions } from './caller/request-options.ts'
import { tokensOfNative } from './caller/request-tokens.ts'
import type { Dependencies } from './dependencies.ts'
import { NATIVE_SURFACE, timed, type Trace } from './record/trace.ts'
import {
  type Addressee,
  type Destination,
  destinationOf,
  isHeldToModels,
  noteModel,
  providerKeysFor,
  targetsAt,
} from './target/destination.ts'
import { modelAt } from './target/endpoint-target.ts'
import { type Target, urlAt } from './target/target.ts'

/** A call on the native surface, as its route understood it. */
export interface NativeCall {
  readonly request: Request
  /** The request's headers. */
  readonly headers: HeaderValues
  readonly presented: PresentedKey
  readonly addressee: Addressee
  /** What follows `/native/{provider}` or `/native/byom/{endpoint}`, still encoded. */
  readonly path: string
  /** The query with its `?`, still encoded, without Keyway's own key. */
  readonly query: string
}

/**
 * One call in a provider's own protocol: the body goes as it came, the credential is put in, the answer comes back
 * untouched. The body is held only where it must be: to be signed, to be sent again, or to see which model it names.
 */
export async function handleNative(
  call: NativeCall,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const { request, headers, presented, addressee, path } = call
  const { organizationId, callerKeys } = presented
  trace.meter.surface = NATIVE_SURFACE
  const [caller, providerKeys] = await Promise.all([
    timed(trace, 'auth', deps.nowMs, () => authenticate(presented, deps, trace)),
    timed(trace, 'credential', deps.nowMs, () => providerKeysFor(addressee, organizationId, deps)),
  ])
  const options = readRequestOptions(headers)
  trace.meter.metadata = options.metadata
  const destination = destinationOf(addressee, providerKeys, caller)
  const { provider } = destination
  checkNativePath(path, provider.native)

  const isReading = request.method === 'GET' || request.method === 'HEAD'
  const isRestricted = isHeldToModels(caller, destination)
  const body = await readNativeBody(call, {
    whole: isRestricted || providerKeys.length > 1 || signsBody(provider),
  })
  const model = isRestricted ? modelOfNative(path, provider, body) : undefined
  if (model !== undefined) noteModel(trace, provider, model)
  if (!isReading) requireModelKnown(caller, destination, model)
  const { apiKey } = caller
  if (apiKey.limits !== undefined) {
    const asked = { method: request.method, path, provider }
    await admit({ apiKey, tokensOf: () => tokensOfNative(asked, headers, body) }, deps, trace)
  }
  trace.provider = groupOf(provider)
  const { url } = request
  const wish = { organizationId, caller, model, isReading, options, headers, callerKeys, url }
  const targets = targetsAt(destination, wish, deps, trace)
  const attempt = await callFirstHealthy(
    {
      organizationId,
      targets: targets(),
      prepare: (target) => prepare(call, target, body, deps),
      signal: request.signal,
      expected: { answer: 'native' },
    },
    deps,
    trace,
  )
  return answerNative({ attempt, path }, deps, trace)
}

function signsBody(provider: Upstream): boolean {
  return provider.auth({}).signsBody
}

async function readNativeBody(
  { request, headers }: NativeCall,
  { whole }: { readonly whole: boolean },
): Promise<NativeBody> {
  // Some clients send one with a GET, which fetch would refuse.
  if (request.body === null || request.method === 'GET' || request.method === 'HEAD') return null
  // A body that does not say how large it is must be counted, and so read.
  const isCounted = declaredLength(headers) !== undefined
  return whole || !isCounted ? await readBody(request, headers) : request.body
}

function prepare(
  { request, headers, path, query }: NativeCall,
  target: Target,
  body: NativeBody,
  deps: Dependencies,
): PreparedRequest {
  const { provider } = target
  const resolved = provider.native.resolve?.(path, target.site)
  const site = resolved ? { ...target.site, location: resolved.location } : target.site
  const upstreamPath = resolved?.path ?? withoutRepeatedVersion(provider, target.site, path)
  return {
    method: request.method,
    url: urlAt({ ...target, site }, upstreamPath + query, deps),
    headers: nativeRequestHeaders(provider, headers),
    body,
  }
}

/** Where an API key is held to some models, a request that writes and could be for any of them is refused. */
function requireModelKnown(
  caller: Caller,
  destination: Destination,
  model: string | undefined,
): void {
  if (model !== undefined) {
    if (destination.kind === 'endpoint') modelAt(destination.endpoint, model)
    return requireModelAllowed(caller, destination.provider.name, model)
  }
  if (allowsEveryModel(caller.apiKey.models, destination.provider.name)) return
  throw new GatewayError(
    'model_not_allowed',
    `The API key ${caller.apiKey.id} is held to some models, and nobody can tell which one this request to ${destination.provider.name} is for. Call a path that reads its model from itself or from the body's model, or use a key that is held to none.`,
    { param: 'model' },
  )
}
