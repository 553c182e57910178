import { stableFraction, stableHash } from '../../core/stable-hash.ts'
import { weightedOrder } from '../../core/weighted-order.ts'
import type {
  OrganizationRecord,
  RouteRecord,
  RouteTarget,
  SealedProviderKey,
  Timeouts,
} from '../../storage/replica/records.ts'
import type { Dependencies } from '../dependencies.ts'
import { timed, type Trace } from '../record/trace.ts'
import { providerKeysFor } from '../target/destination.ts'
import { modelNameIn } from '../target/model-name.ts'

/** A target of a route, and the organization's keys for its provider. */
export interface RouteCandidate {
  readonly target: RouteTarget
  readonly keys: readonly SealedProviderKey[]
}

/** A call for a route. */
export interface RoutedCall {
  readonly route: RouteRecord
  readonly organizationId: string
  /** What all turns of the call's conversation have in common; undefined where it is of none. */
  readonly openingOf: () => string | undefined
}

/** The route that a name stands for. It goes before the bare name of a model, and its targets are never routes. */
export function routeNamed(
  name: string,
  { routes = [] }: Pick<OrganizationRecord, 'routes'>,
): RouteRecord | undefined {
  return routes.find((route) => route.name === name)
}

/** How long a target of a route is waited for, as far as the route says anything of it. */
export function timeoutsOf(
  { timeouts }: Pick<RouteRecord, 'timeouts'>,
  { timeouts: own }: Pick<RouteTarget, 'timeouts'>,
): Timeouts | undefined {
  return timeouts && own ? { ...timeouts, ...own } : (own ?? timeouts)
}

/**
 * The targets of a route in the order in which they are tried. One without a weight weighs 1. A weighted route draws it: by
 * the opening of the conversation, so that all its turns find the same order and with it what a provider keeps of the
 * turns before; anew where there is no conversation, or the route wants it so.
 */
export function orderOf(
  { id, strategy, sticky, targets }: Omit<RouteRecord, 'name'>,
  openingOf: () => string | undefined,
  random: () => number,
): readonly RouteTarget[] {
  if (strategy !== 'weighted') return targets
  const opening = sticky === 'none' ? undefined : openingOf()
  const chanceOf = opening === undefined ? random : chancesOf(`${id}/${opening}`, targets)
  return weightedOrder(targets, ({ weight = 1 }) => weight, chanceOf)
}

/** A target is known by its model and not by its place, so that others can come and go; its twins are numbered. */
function chancesOf(
  seed: string,
  targets: readonly RouteTarget[],
): (target: RouteTarget, place: number) => number {
  const short = stableHash(seed, 9)
  return ({ model }, place) => {
    const twins = targets.slice(0, place).filter((earlier) => earlier.model === model)
    return stableFraction(`${short}/${twins.length}/${model}`)
  }
}

/** A route's targets in the order in which they are tried, each with the keys of its provider, all read at once. */
export async function candidatesOf(
  { route, organizationId, openingOf }: RoutedCall,
  deps: Dependencies,
  trace: Trace,
): Promise<readonly RouteCandidate[]> {
  const readings = new Map<string, Promise<readonly SealedProviderKey[]>>()
  const keysFor = (model: string): Promise<readonly SealedProviderKey[]> => {
    const name = modelNameIn(model)
    if (name?.kind !== 'provider') return Promise.resolve([])
    const known = readings.get(name.provider.name)
    if (known !== undefined) return known
    const reading = providerKeysFor(name, organizationId, deps)
    readings.set(name.provider.name, reading)
    return reading
  }
  return await timed(trace, 'credential', deps.nowMs, () =>
    Promise.all(
      orderOf(route, openingOf, deps.random).map(async (target) => ({
        target,
        keys: await keysFor(target.model),
      })),
    ),
  )
}
