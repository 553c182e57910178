import type * as z from 'zod/mini'
import { invalidRequest } from '../../core/errors.ts'
import {
  type Grain,
  KEEPING,
  GRAINS,
  type Group,
  GROUPS,
  isGrain,
  type UsageQuery,
} from '../../storage/resources/usage.ts'
import type { usageQuery } from './schemas/usage.ts'

/** The parameters as they came, each of them well-formed. */
type Asked = z.output<typeof usageQuery>

const DEFAULT_SPAN_MS = 30 * 24 * 60 * 60_000
const MAX_ROWS = 10_000

/**
 * What is asked for, and as finely as it has to be counted for that. Times between two counts are moved outwards, so that
 * nothing of what was asked for is missing. Throws `invalid_request` naming the parameter.
 */
export function readUsageQuery({ from, to, group_by: groupBy }: Asked, nowMs: number): UsageQuery {
  const toMs = to === undefined ? nowMs : Date.parse(to)
  const fromMs = from === undefined ? toMs - DEFAULT_SPAN_MS : Date.parse(from)
  if (fromMs >= toMs) throw invalidRequest('from must be before to.', 'from')
  const groups = readGroups(groupBy)
  // Where nobody said from when, nobody needs it exactly; days are few and can always be added up.
  const isByDays = from === undefined && !groups.some(isGrain)
  const grain = isByDays ? 'day' : grainFor({ fromMs, toMs, groups }, nowMs)
  const { lengthMs } = KEEPING[grain]
  return {
    grain,
    fromMs: Math.floor(fromMs / lengthMs) * lengthMs,
    toMs: Math.ceil(toMs / lengthMs) * lengthMs,
    groups,
    maxRows: MAX_ROWS,
  }
}

function readGroups(text: string | undefined): readonly Group[] {
  if (text === undefined) return []
  const groups = text.split(',').map((name) => GROUPS.find((group) => group === name.trim()))
  const known = groups.filter((group) => group !== undefined)
  if (known.length < groups.length || new Set(known).size < known.length) {
    throw invalidRequest(
      `group_by must be some of ${GROUPS.join(', ')}, each once, with commas between them.`,
      'group_by',
    )
  }
  if (known.filter(isGrain).length > 1) {
    throw invalidRequest('group_by can name one of minute, hour and day.', 'group_by')
  }
  return known
}

/** The one that is asked for; else the coarsest that counts exactly these times, or comes nearest to it. */
function grainFor(
  { fromMs, toMs, groups }: Pick<UsageQuery, 'fromMs' | 'toMs' | 'groups'>,
  nowMs: number,
): Grain {
  const isKept = (grain: Grain): boolean => fromMs >= nowMs - (KEEPING[grain].keptMs ?? Infinity)
  const asked = groups.find(isGrain)
  if (asked !== undefined) {
    if (isKept(asked)) return asked
    const days = (KEEPING[asked].keptMs ?? 0) / KEEPING.day.lengthMs
    throw invalidRequest(
      `from must be within the last ${days} days to be grouped by ${asked}.`,
      'from',
    )
  }
  const isExact = (grain: Grain): boolean => {
    const { lengthMs } = KEEPING[grain]
    return fromMs % lengthMs === 0 && (toMs % lengthMs === 0 || toMs >= nowMs)
  }
  const kept = GRAINS.filter(isKept)
  return kept.findLast(isExact) ?? kept[0] ?? 'day'
}
