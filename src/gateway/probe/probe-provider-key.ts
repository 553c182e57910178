import type { Credential } from '../../core/credentials.ts'
import { GatewayError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/parse.ts'
import type { Provider } from '../../providers/provider.ts'
import { findProvider } from '../../providers/registry.ts'
import type { SealedProviderKey } from '../../storage/replica/records.ts'
import { type CallResult, DEEDS } from '../attempt/outcome.ts'
import { readError } from '../attempt/upstream-failure.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Target } from '../target/target.ts'
import { usableCredential } from '../target/usable-credential.ts'
import { ask, probeRequest, withinTime } from './probe-request.ts'

/** What a provider said to a key. */
export interface ProbeAnswer {
  readonly ok: boolean
  /** Null where there was no answer. */
  readonly status: number | null
  readonly latency_ms: number
  readonly message: string
}

export interface KeyToProbe {
  readonly organizationId: string
  readonly provider: string
  readonly key: SealedProviderKey
}

const TIMEOUT_MS = 10_000
/** More than there are regions; whoever names more does not have a secret for each. */
const MAX_LOCATIONS = 40

type Verdict = Omit<ProbeAnswer, 'latency_ms'>

/** Calls the provider with a key, in each location that the key has a secret for, at next to no cost. */
export async function probeProviderKey(
  { organizationId, provider: name, key }: KeyToProbe,
  deps: Dependencies,
): Promise<ProbeAnswer> {
  const provider = findProvider(name)
  if (provider === undefined) throw new GatewayError('unknown_provider', 'The provider is unknown.')
  const startMs = deps.nowMs()
  const usable = await usableCredential(
    { organizationId, provider, key, callerKeys: undefined },
    deps,
  )
  if (usable.kind !== 'credential') {
    const message =
      usable.kind === 'misconfigured'
        ? `The key ${usable.why}.`
        : 'Callers bring the credential of this key with each request: there is nothing to test.'
    return { ok: false, status: null, latency_ms: 0, message }
  }
  const { credential } = usable
  const verdicts = await Promise.all(
    locationsOf(provider, credential, key.settings).map(async (location) => {
      const site = { credential, settings: key.settings, location }
      const verdict = await probe(organizationId, { provider, keyId: key.id, site }, deps)
      return { ...verdict, location }
    }),
  )
  return { ...inOne(verdicts), latency_ms: Math.round(deps.nowMs() - startMs) }
}

function locationsOf(
  { locations }: Provider,
  credential: Credential,
  settings: JsonObject,
): readonly string[] {
  if (locations === undefined) return ['']
  const named = locations.namedIn?.(credential) ?? []
  const usual = locations.defaultOf(settings)
  const isCovered = locations.covers?.(credential, usual) ?? true
  return [...new Set([...(isCovered ? [usual] : []), ...named])].slice(0, MAX_LOCATIONS)
}

/** The first failure says the status; where there are several locations, each has its sentence. */
function inOne(verdicts: readonly (Verdict & { readonly location: string })[]): Verdict {
  const telling = verdicts.find(({ ok }) => !ok) ?? verdicts[0]
  if (telling === undefined) throw new Error('A credential for no location.')
  const { ok, status, message } = telling
  if (verdicts.length === 1) return { ok, status, message }
  const sentences = verdicts.map((verdict) => `${verdict.location}: ${verdict.message}`)
  return { ok, status, message: sentences.join(' ') }
}

async function probe(organizationId: string, target: Target, deps: Dependencies): Promise<Verdict> {
  const request = probeRequest(target, deps)
  return await withinTime(TIMEOUT_MS, deps, async (signal) => {
    const result = await ask({ organizationId, target, request, signal }, deps)
    return await verdictOf(result, { deps, isLate: signal.aborted })
  })
}

async function verdictOf(
  result: CallResult,
  { deps, isLate }: { readonly deps: Dependencies; readonly isLate: boolean },
): Promise<Verdict> {
  const { name } = result.target.provider
  const { response } = result
  if (response?.ok === true) {
    await response.body?.cancel()
    const isJson = /\bjson\b/i.test(response.headers.get('content-type') ?? '')
    const deed = isJson ? 'accepted the key' : 'answered with what is not an answer of its API'
    return { ok: isJson, status: response.status, message: `${name} ${deed}.` }
  }
  const refusal = result.kind === 'failure' ? result.refusal : undefined
  const said = refusal?.message ?? (await readError(result, deps))?.message
  const deed = result.kind === 'failure' ? DEEDS[result.reason] : `answered ${response?.status}`
  const status = response?.status ?? refusal?.status ?? null
  const isProven = status !== null && (result.target.provider.probe.provenBy ?? []).includes(status)
  const also = isProven ? 'accepted the key and ' : ''
  const message = `${name} ${isLate ? 'did not answer in time' : also + deed}.`
  return {
    ok: isProven,
    status,
    message: said === undefined ? message : `${message} It said: ${said}`,
  }
}
