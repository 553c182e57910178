import type { SealedProviderKey } from '../../storage/replica/records.ts'
import { locationAt } from '../caller/request-options.ts'
import type { Dependencies } from '../dependencies.ts'
import { isCounting, type Trace } from '../record/trace.ts'
import { type Standing, standingOf } from './target-circuits.ts'
import type { TargetChoice } from './target.ts'

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

/** Something that is to be left alone for a while. */
export interface Later<Item> {
  readonly item: Item
  readonly untilMs: number
}

export function soonestFirst<Item>(later: readonly Later<Item>[]): readonly Item[] {
  return later.toSorted((one, other) => one.untilMs - other.untilMs).map(({ item }) => item)
}

export function isToWait(standing: Standing): standing is Extract<Standing, object> {
  return typeof standing === 'object'
}
