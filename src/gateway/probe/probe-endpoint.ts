import { GatewayError } from '../../core/errors.ts'
import { isObject, tryParseJson } from '../../core/parse.ts'
import { privateEndpoint } from '../../providers/private-endpoint.ts'
import type { EndpointRecord } from '../../storage/replica/records.ts'
import { type CallResult, DEEDS, type PreparedRequest } from '../attempt/outcome.ts'
import { readError } from '../attempt/upstream-failure.ts'
import type { Dependencies } from '../dependencies.ts'
import { readErrorText } from '../failure/error-text.ts'
import { endpointTarget } from '../target/endpoint-target.ts'
import { type Target, urlAt } from '../target/target.ts'
import type { ProbeAnswer } from './probe-provider-key.ts'
import { ask, jsonRequest, probeRequest, withinTime } from './probe-request.ts'

export interface EndpointToProbe {
  readonly organizationId: string
  readonly endpoint: EndpointRecord
  /** Keyway's own host, as it was called. */
  readonly ownHost: string
}

/** A model that is not loaded yet may take its time for one token. */
const TIMEOUT_MS = 30_000

/** What a server says that has no list of models, or does not show it. */
const NO_SUCH_PATH: ReadonlySet<number> = new Set([404, 405, 501])

type Verdict = Omit<ProbeAnswer, 'latency_ms'>

/** Calls an endpoint at next to no cost: for its list of models where its kind has one, else for a word of an answer. */
export async function probeEndpoint(
  toProbe: EndpointToProbe,
  deps: Dependencies,
): Promise<ProbeAnswer> {
  const startMs = deps.nowMs()
  const verdict = await probe(toProbe, deps).catch((error: unknown): Verdict => {
    if (error instanceof GatewayError) return { ok: false, status: null, message: error.message }
    throw error
  })
  return { ...verdict, latency_ms: Math.round(deps.nowMs() - startMs) }
}

async function probe(
  { organizationId, endpoint, ownHost }: EndpointToProbe,
  deps: Dependencies,
): Promise<Verdict> {
  const provider = privateEndpoint(endpoint)
  const choice = {
    organizationId,
    provider,
    endpoint,
    ownHost,
    callerKeys: undefined,
    cdnLoop: null,
  }
  const target = await endpointTarget(choice, deps)
  return await withinTime(TIMEOUT_MS, deps, async (signal) => {
    const asked = { organizationId, target, signal }
    const first = await ask({ ...asked, request: probeRequest(target, deps) }, deps)
    const model = endpoint.default_model ?? endpoint.models[0]
    const hasNoList = NO_SUCH_PATH.has(first.response?.status ?? 0)
    const asksForWord = hasNoList && provider.probe.body === undefined && model !== undefined
    if (asksForWord) await first.response?.body?.cancel()
    const result = asksForWord
      ? await ask({ ...asked, request: tokenRequest(target, model, deps) }, deps)
      : first
    return await verdictOf(result, endpoint, { deps, isLate: signal.aborted })
  })
}

function tokenRequest(target: Target, model: string, deps: Dependencies): PreparedRequest {
  const messages = [{ role: 'user', content: 'Hi' }]
  return jsonRequest(urlAt(target, '/chat/completions', deps), { model, messages, max_tokens: 1 })
}

async function verdictOf(
  result: CallResult,
  { name, models, default_model }: EndpointRecord,
  { deps, isLate }: { readonly deps: Dependencies; readonly isLate: boolean },
): Promise<Verdict> {
  const { response } = result
  const status = response?.status ?? null
  const endpoint = `The endpoint ${name}`
  if (result.kind === 'failure' && result.error !== undefined) {
    const message = isLate ? `${endpoint} did not answer in time.` : result.error.message
    return { ok: false, status, message }
  }
  if (response?.ok === true) {
    const served = await modelsIn(response, deps)
    if (served === undefined) {
      return { ok: false, status, message: `${endpoint} answered with something other than JSON.` }
    }
    const wanted = [...models, ...(default_model === null ? [] : [default_model])]
    const missing = served.length === 0 ? [] : wanted.filter((model) => !served.includes(model))
    const message =
      missing.length === 0
        ? `${endpoint} answered.`
        : `${endpoint} answered, but does not list ${missing.join(', ')}. It lists ${served.slice(0, 20).join(', ')}.`
    return { ok: true, status, message }
  }
  const said = (await readError(result, deps))?.message
  const deed = result.kind === 'failure' ? DEEDS[result.reason] : `answered ${status}`
  const message = `${endpoint} ${deed}.`
  return {
    ok: false,
    status,
    message: said === undefined ? message : `${message} It said: ${said}`,
  }
}

/** The ids in a list of models; none in another JSON answer; undefined where it is no JSON. */
async function modelsIn(
  response: Response,
  { sleep }: Dependencies,
): Promise<readonly string[] | undefined> {
  const json = tryParseJson(await readErrorText(response, sleep))
  if (!isObject(json)) return undefined
  const rows: readonly unknown[] = Array.isArray(json['data']) ? json['data'] : []
  return rows.flatMap((row) => (isObject(row) && typeof row['id'] === 'string' ? [row['id']] : []))
}
