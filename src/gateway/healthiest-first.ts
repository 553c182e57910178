import type { SealedProviderKey } from '../storage/records.ts'
import { isUsable, modelNameIn } from './choose-targets.ts'
import type { Dependencies } from './dependencies.ts'
import { usualModelAt } from './endpoint-target.ts'
import type { KnownCall } from './opened-call.ts'
import { withModelOverride } from './overrides.ts'
import { locationAt } from './request-options.ts'
import type { RouteCandidate } from './route-candidates.ts'
import type { TargetChoice } from './target.ts'
import { type HealthPlace, type Standing, standingOf } from './target-circuits.ts'
import { isCounting, type Trace } from './trace.ts'

type Circuits = Pick<Dependencies, 'circuits' | 'nowMs'>

/**
 * Keys in the order in which they are tried: those that are well in their own order; behind them those that are to be left
 * alone, the soonest first. One that is half-open keeps its place for the one request that probes it. None is left
 * out: where nothing is well, the upstream decides.
 */
export function keysByHealth(
  choice: TargetChoice,
  deps: Circuits,
  trace: Trace,
): Iterable<SealedProviderKey> {
  const { keys, organizationId } = choice
  return keys.length < 2 || !deps.circuits.knows(organizationId)
    ? keys
    : oneAfterTheOther(choice, deps, trace)
}

/** Each is looked at when its turn comes: another request may have taken the probe meanwhile. */
function* oneAfterTheOther(
  { keys, organizationId, provider, location: asked, model }: TargetChoice,
  deps: Circuits,
  trace: Trace,
): Generator<SealedProviderKey> {
  const later: Later<SealedProviderKey>[] = []
  for (const key of keys) {
    const location = locationAt(provider, asked, key.settings)
    const place = { organizationId, record: key, location, model, isCounting: isCounting(trace) }
    const standing = standingOf(place, deps)
    if (isToWait(standing)) later.push({ item: key, untilMs: standing.untilMs })
    else yield key
  }
  yield* soonestFirst(later)
}

/** The same of a route's targets. One is as well as the best of the keys that the caller could use for it. */
export function candidatesByHealth(
  candidates: readonly RouteCandidate[],
  call: Pick<KnownCall, 'caller' | 'options'>,
  deps: Circuits,
  trace: Trace,
): readonly RouteCandidate[] {
  if (!deps.circuits.knows(call.caller.organization.id)) return candidates
  const inTurn: RouteCandidate[] = []
  const later: Later<RouteCandidate>[] = []
  for (const candidate of candidates) {
    const places = placesOf(candidate, call, isCounting(trace))
    const best = bestOf(places.map((place) => standingOf(place, deps)))
    if (isToWait(best)) later.push({ item: candidate, untilMs: best.untilMs })
    else inTurn.push(candidate)
  }
  return [...inTurn, ...soonestFirst(later)]
}

interface Later<Item> {
  readonly item: Item
  readonly untilMs: number
}

function soonestFirst<Item>(later: readonly Later<Item>[]): readonly Item[] {
  return later.toSorted((one, other) => one.untilMs - other.untilMs).map(({ item }) => item)
}

function isToWait(standing: Standing): standing is Extract<Standing, object> {
  return typeof standing === 'object'
}

/** Where there is nothing to be remembered, nothing is wrong. */
function bestOf(standings: readonly Standing[]): Standing {
  const waiting = standings.filter(isToWait)
  if (standings.length === 0 || standings.includes('healthy')) return 'healthy'
  if (waiting.length < standings.length) return 'half_open'
  return { untilMs: Math.min(...waiting.map(({ untilMs }) => untilMs)) }
}

/** All that a target of a route may come to for a caller: none where it is not to be used at all, which it says itself. */
function placesOf(
  { target, keys }: RouteCandidate,
  { caller: { apiKey, organization }, options }: Pick<KnownCall, 'caller' | 'options'>,
  counting: boolean,
): readonly HealthPlace[] {
  const said = modelNameIn(target.model)
  if (said === undefined) return []
  const name = withModelOverride(said, target.overrides)
  const common = { organizationId: organization.id, isCounting: counting }
  if (name.kind === 'endpoint') {
    const record = organization.endpoints?.find((endpoint) => endpoint.name === name.endpointName)
    if (record === undefined) return []
    return [{ ...common, record, location: '', model: name.model ?? usualModelAt(record) }]
  }
  const { provider, model } = name
  const { providerKeyId: pinnedId, location: asked } = options
  const wish = { provider: provider.name, apiKeyId: apiKey.id, model, pinnedId }
  return keys
    .filter((key) => isUsable(key, wish))
    .map((record) => {
      const location = locationAt(provider, asked, record.settings)
      return { ...common, record, location, model }
    })
}
