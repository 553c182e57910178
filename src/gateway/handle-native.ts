import { GatewayError } from '../core/errors.ts'
import { requireOneModel } from './require-one-model.ts'
import { checkNativePath } from '../core/native-path.ts'
import { isObject, tryParseJson } from '../core/parse.ts'
import { withoutRepeatedVersion } from '../providers/base-url.ts'
import type { Provider } from '../providers/provider.ts'
import { answerNative } from './answer-native.ts'
import {
  authenticate,
  type Caller,
  isHeldToModels,
  requireModelAllowed,
  requireProviderAllowed,
} from './authenticate.ts'
import { callFirstHealthy, type PreparedRequest } from './call-upstream.ts'
import { chooseProviderKeys } from './choose-targets.ts'
import { departureOf } from './departure.ts'
import type { Dependencies } from './dependencies.ts'
import { declaredLength, readBody } from './read-body.ts'
import type { HeaderValues } from './header-values.ts'
import type { PresentedKey } from './read-api-key.ts'
import { nativeRequestHeaders } from './request-headers.ts'
import { readRequestOptions, requestedLocation } from './request-options.ts'
import { bindTargets, type Target, urlAt } from './target.ts'
import { timed, type Trace } from './trace.ts'

/** A call on the native surface, as its route understood it. */
export interface NativeCall {
  readonly request: Request
  /** The request's headers. */
  readonly headers: HeaderValues
  readonly presented: PresentedKey
  readonly provider: Provider
  /** What follows `/native/{provider}`, still encoded. */
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
  const { request, headers, presented, provider, path } = call
  const { organizationId, callerKeys } = presented
  const [caller, providerKeys] = await Promise.all([
    timed(trace, 'auth', deps.nowMs, () => authenticate(presented, deps, trace)),
    timed(trace, 'credential', deps.nowMs, () =>
      deps.replica.providerKeys(organizationId, provider.name),
    ),
  ])
  const options = readRequestOptions(headers)
  checkNativePath(path, provider.native)
  requireProviderAllowed(caller, provider.name)

  const isReading = request.method === 'GET' || request.method === 'HEAD'
  const isRestricted = isHeldToModels(caller, providerKeys)
  const body = await readNativeBody(call, {
    whole: isRestricted || providerKeys.length > 1 || signsBody(provider),
  })
  const model = isRestricted ? modelOf(call, body) : undefined
  if (model !== undefined) trace.model = model
  if (!isReading) requireModelKnown(caller, provider, model)
  trace.provider = provider.name
  const keys = chooseProviderKeys(providerKeys, {
    provider: provider.name,
    apiKeyId: caller.apiKey.id,
    model,
    isReading,
    pinnedId: options.providerKeyId,
  })
  const location = requestedLocation(provider, options)
  const attempt = await callFirstHealthy(
    {
      organizationId,
      targets: bindTargets({ organizationId, provider, keys, callerKeys, location }, deps, trace),
      prepare: (target) => prepare(call, target, body, deps),
      signal: departureOf(request),
    },
    deps,
    trace,
  )
  return answerNative({ attempt, path }, deps, trace)
}

function signsBody(provider: Provider): boolean {
  return provider.auth({}).signsBody
}

type NativeBody = Uint8Array<ArrayBuffer> | ReadableStream | null

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
  { request, headers, path, query, provider }: NativeCall,
  target: Target,
  body: NativeBody,
  deps: Dependencies,
): PreparedRequest {
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

/** The model that a native request names, in its path or in its body. */
function modelOf({ path, provider }: NativeCall, body: NativeBody): string | undefined {
  const inPath = provider.native.modelInPath?.exec(path)?.[1]
  return inPath === undefined ? modelInBody(body) : decodeURIComponent(inPath)
}

/** Where an API key is held to some models, a request that writes and names none could be for any, and is refused. */
function requireModelKnown(caller: Caller, provider: Provider, model: string | undefined): void {
  if (model !== undefined) return requireModelAllowed(caller, provider.name, model)
  if (caller.apiKey.models.length === 0) return
  throw new GatewayError(
    'model_not_allowed',
    `The API key ${caller.apiKey.id} is held to some models, and the request names none.`,
    { param: 'model' },
  )
}

function modelInBody(body: NativeBody): string | undefined {
  if (!(body instanceof Uint8Array)) return undefined
  const text = new TextDecoder().decode(body)
  const json = tryParseJson(text)
  if (!isObject(json) || typeof json['model'] !== 'string') return undefined
  requireOneModel(text)
  return json['model']
}
