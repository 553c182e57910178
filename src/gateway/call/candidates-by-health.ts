import { isObject } from '../../core/parse.ts'
import { locationAt, optionsAt } from '../caller/request-options.ts'
import type { Dependencies } from '../dependencies.ts'
import { isCounting, type Trace } from '../record/trace.ts'
import { isUsable } from '../target/choose-provider-keys.ts'
import { usualModelAt } from '../target/endpoint-target.ts'
import { isToWait, type Later, soonestFirst } from '../target/healthiest-first.ts'
import { modelNameIn } from '../target/model-name.ts'
import { withModelOverride } from '../target/overrides.ts'
import { type HealthPlace, type Standing, standingOf } from '../target/target-circuits.ts'
import type { KnownCall } from './opened-call.ts'
import type { RouteCandidate } from './route-candidates.ts'

/** A call whose targets are put in order. */
export interface CallToOrder extends Pick<KnownCall, 'caller' | 'options'> {
  /** What one model answers is of no use for another: only targets of the same one change places. */
  readonly staysWithModel: boolean
}

/**
 * A route's targets in the order in which they are tried: those that are well first. A target is as well as the best key that
 * the caller could use for it.
 */
export function candidatesByHealth(
  candidates: readonly RouteCandidate[],
  call: CallToOrder,
  deps: Pick<Dependencies, 'circuits' | 'nowMs'>,
  trace: Trace,
): readonly RouteCandidate[] {
  if (!deps.circuits.knows(call.caller.organization.id)) return candidates
  if (!call.staysWithModel) return healthiestFirst(candidates, call, deps, trace)
  const turns = new Map(
    Array.from(
      Map.groupBy(candidates, (one) => askedOf(one, call)),
      ([asked, group]) => [asked, healthiestFirst(group, call, deps, trace).values()],
    ),
  )
  return candidates.map((one) => turns.get(askedOf(one, call))?.next().value ?? one)
}

/**
 * What a target is asked for: another size of a vector is another vector. One that cannot be asked is by itself, and so is an
 * endpoint whose model nobody names: what it calls its usual one may be any.
 */
function askedOf(candidate: RouteCandidate, call: CallToOrder): string {
  const { model, overrides = {} } = candidate.target
  const name = modelNameIn(model)
  const named = name && withModelOverride(name, overrides).model
  const isAskable = placesOf(candidate, call, false).length > 0
  return JSON.stringify({ ...overrides, model: (isAskable && named) || model }, inOrder)
}

/** Members by their names: how an object was written says nothing of it. */
function inOrder(_name: string, value: unknown): unknown {
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function healthiestFirst(
  candidates: readonly RouteCandidate[],
  call: CallToOrder,
  deps: Pick<Dependencies, 'circuits' | 'nowMs'>,
  trace: Trace,
): readonly RouteCandidate[] {
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
  const { providerKeyId: pinnedId, location: asked } = optionsAt(options, target.region)
  const wish = { provider: provider.name, apiKeyId: apiKey.id, model, pinnedId }
  return keys
    .filter((key) => isUsable(key, wish))
    .map((record) => {
      const location = locationAt(provider, asked, record.settings)
      return { ...common, record, location, model }
    })
}
