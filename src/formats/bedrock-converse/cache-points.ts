import type { CacheMark } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { ConverseProfile } from './profile.ts'
import type { CachePoint, Turn } from './wire.ts'

/** A body may have no more points than this. */
const MAX_POINTS = 4

export interface CacheTarget {
  readonly profile: Pick<ConverseProfile, 'caching'>
  readonly compat: Compat
}

/**
 * What stands behind something that bears a mark: a point, or nothing.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
 */
export function cachePoints(
  mark: CacheMark | undefined,
  place: 'tools' | 'system' | 'messages',
  { profile: { caching }, compat }: CacheTarget,
): CachePoint[] {
  if (mark === undefined) return []
  if (!caching.places.includes(place)) {
    compat.changed('cache_control')
    return []
  }
  if (mark.ttl !== '1h') return [{ cachePoint: { type: 'default' } }]
  if (caching.hasHour) return [{ cachePoint: { type: 'default', ttl: '1h' } }]
  compat.changed('cache_control', 'shortened')
  return [{ cachePoint: { type: 'default' } }]
}

export interface PointedBody {
  readonly tools: readonly object[]
  readonly system: readonly object[]
  readonly turns: readonly Turn[]
}

/**
 * The points to take away so that four are left: the last one of the tools, the last one of the system and the latest of
 * the conversation stay, since they cover most.
 */
export function surplusPoints({ tools, system, turns }: PointedBody): ReadonlySet<object> {
  const inTools = tools.filter(isPoint)
  const inSystem = system.filter(isPoint)
  const inTurns = turns.flatMap(({ content }) => content.filter(isPoint))
  const byWorth = [
    ...inTools.slice(-1),
    ...inSystem.slice(-1),
    ...inTurns.toReversed(),
    ...inSystem.slice(0, -1).toReversed(),
    ...inTools.slice(0, -1).toReversed(),
  ]
  return new Set(byWorth.slice(MAX_POINTS))
}

export function isPoint(element: object): element is CachePoint {
  return 'cachePoint' in element
}
