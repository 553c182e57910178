import { weightedOrder } from '../core/weighted-order.ts'
import type {
  OrganizationRecord,
  RouteRecord,
  RouteTarget,
  SealedProviderKey,
} from '../storage/records.ts'
import { modelNameIn } from './choose-targets.ts'
import type { Dependencies } from './dependencies.ts'
import { providerKeysFor } from './destination.ts'
import { timed, type Trace } from './trace.ts'

/** A target of a route, and the organization's keys for its provider. */
export interface RouteCandidate {
  readonly target: RouteTarget
  readonly keys: readonly SealedProviderKey[]
}

/** The route that a name stands for. It goes before the bare name of a model, and its targets are never routes. */
export function routeNamed(
  name: string,
  { routes = [] }: Pick<OrganizationRecord, 'routes'>,
): RouteRecord | undefined {
  return routes.find((route) => route.name === name)
}

/** The targets of a route in the order in which they are tried. One without a weight weighs 1. */
export function orderOf(
  { strategy, targets }: Pick<RouteRecord, 'strategy' | 'targets'>,
  random: () => number,
): readonly RouteTarget[] {
  return strategy === 'weighted'
    ? weightedOrder(targets, ({ weight = 1 }) => weight, random)
    : targets
}

/** The same, with the keys of all their providers, which are read at once. */
export async function candidatesOf(
  route: RouteRecord,
  organizationId: string,
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
      orderOf(route, deps.random).map(async (target) => ({
        target,
        keys: await keysFor(target.model),
      })),
    ),
  )
}
