/**
 * Whether a target is worth trying, from how its calls went: closed while they go well, open after failures, half-open when
 * its time is over, until one call has shown how it is. Pure: clock and randomness are arguments. A circuit is a value,
 * and one that has nothing against its target is none at all, so that healthy targets cost nothing.
 */
export interface Circuit {
  /** Failures since the last call that went well. */
  readonly failuresInRow: number
  readonly calls: RecentCalls
  /** Not there while it is closed. */
  readonly opening?: Opening
}

/** Why and how long a target is to be left alone. Times are milliseconds since 1970. */
export interface Opening {
  /** Cooling down is what the upstream asked for; open is what we concluded. */
  readonly kind: 'cooling_down' | 'open'
  readonly reason: string
  /** When it went from closed to open. */
  readonly sinceMs: number
  /** When it was last opened; half-open circuits that fail are opened again. */
  readonly openedMs: number
  readonly untilMs: number
  /** How often it was opened again. */
  readonly reopened: number
  /** A call is under way that shows how the target is; it counts as lost after this. */
  readonly probeUntilMs?: number
}

/** Calls by slots of half a window: those of the newest and the one before are looked at. */
interface RecentCalls {
  readonly slot: number
  readonly made: number
  readonly failed: number
  readonly madeBefore: number
  readonly failedBefore: number
}

/** When a circuit opens, and how long things last. */
export interface CircuitLimits {
  /** So many failures one after the other open it. */
  readonly failuresInRow: number
  /** So does this share of the calls of the last `windowMs` (at least the half of it), where there were `minCalls`. */
  readonly failureRate: number
  readonly windowMs: number
  readonly minCalls: number
  /** The longest that an upstream's wish is honoured. */
  readonly maxAskedMs: number
  /** After this a probe that was not heard of counts as lost. */
  readonly probeMs: number
}

/** The times of a backoff: `baseMs`, doubled at each further opening, at most `maxMs`; of each, chance takes up to a half. */
export interface Backoff {
  readonly baseMs: number
  readonly maxMs: number
}

export interface CircuitFailure {
  readonly kind: Opening['kind']
  readonly reason: string
  /** One is enough. */
  readonly opensAtOnce: boolean
  /** How long the upstream asks to be left alone; by the backoff where it does not say. */
  readonly askedMs?: number | undefined
  readonly backoff: Backoff
}

/** When a call began and ended. */
export interface CallTimes {
  readonly startedMs: number
  readonly nowMs: number
}

export type CircuitState = 'closed' | 'open' | 'half_open'

/** How a circuit stands. A half-open one whose probe is under way is open to everyone else. */
export function stateOf(circuit: Circuit | undefined, nowMs: number): CircuitState {
  const opening = circuit?.opening
  if (opening === undefined) return 'closed'
  if (nowMs < opening.untilMs || nowMs < (opening.probeUntilMs ?? -Infinity)) return 'open'
  return 'half_open'
}

/** The circuit with its probe under way. Ask `stateOf` first: only a half-open one is probed. */
export function withProbe(circuit: Circuit, nowMs: number, { probeMs }: CircuitLimits): Circuit {
  const { opening } = circuit
  if (opening === undefined) return circuit
  return { ...circuit, opening: { ...opening, probeUntilMs: nowMs + probeMs } }
}

/** The circuit after a probe that came to nothing, such as one whose caller left. */
export function withoutProbe(circuit: Circuit): Circuit {
  if (circuit.opening?.probeUntilMs === undefined) return circuit
  const { probeUntilMs: _, ...opening } = circuit.opening
  return { ...circuit, opening }
}

/** After a call that went well; undefined where nothing is left to be remembered. */
export function afterSuccess(
  circuit: Circuit,
  { startedMs, nowMs }: CallTimes,
  { windowMs }: CircuitLimits,
): Circuit | undefined {
  const { opening } = circuit
  // A call that began before tells how the target was before.
  if (opening !== undefined) return startedMs < opening.openedMs ? circuit : undefined
  const calls = counted(circuit.calls, { nowMs, windowMs, failed: 0 })
  return calls.failed + calls.failedBefore === 0 ? undefined : { failuresInRow: 0, calls }
}

export interface FailureWorld {
  readonly limits: CircuitLimits
  /** At least 0 and below 1. */
  readonly random: () => number
}

/** After a call that failed. */
export function afterFailure(
  circuit: Circuit | undefined,
  failure: CircuitFailure,
  times: CallTimes,
  world: FailureWorld,
): Circuit {
  return circuit?.opening === undefined
    ? failedWhileClosed(circuit, failure, times, world)
    : failedWhileOpen({ ...circuit, opening: circuit.opening }, failure, times, world)
}

const NO_CALLS: RecentCalls = { slot: 0, made: 0, failed: 0, madeBefore: 0, failedBefore: 0 }

function failedWhileClosed(
  circuit: Circuit | undefined,
  failure: CircuitFailure,
  { nowMs }: CallTimes,
  world: FailureWorld,
): Circuit {
  const { limits } = world
  const { windowMs, minCalls, failureRate } = limits
  const calls = counted(circuit?.calls ?? NO_CALLS, { nowMs, windowMs, failed: 1 })
  const failuresInRow = (circuit?.failuresInRow ?? 0) + 1
  const made = calls.made + calls.madeBefore
  const failed = calls.failed + calls.failedBefore
  const opens =
    failure.opensAtOnce ||
    failuresInRow >= limits.failuresInRow ||
    (made >= minCalls && failed >= made * failureRate)
  if (!opens) return { failuresInRow, calls }
  const { kind, reason } = failure
  const untilMs = nowMs + lengthOf(failure, 0, world)
  const opening = { kind, reason, sinceMs: nowMs, openedMs: nowMs, untilMs, reopened: 0 }
  return { failuresInRow, calls, opening }
}

function failedWhileOpen(
  circuit: Circuit & { readonly opening: Opening },
  failure: CircuitFailure,
  { startedMs, nowMs }: CallTimes,
  world: FailureWorld,
): Circuit {
  const { opening } = circuit
  const { kind, reason, askedMs } = failure
  const isNews = startedMs >= opening.openedMs && nowMs >= opening.untilMs
  if (isNews) {
    const reopened = opening.reopened + 1
    const untilMs = nowMs + lengthOf(failure, reopened, world)
    const { sinceMs } = opening
    return { ...circuit, opening: { kind, reason, sinceMs, openedMs: nowMs, untilMs, reopened } }
  }
  // The call was sent before this opening, or ended during it, so that it failed is no news: only a longer wait is, where the
  // upstream asks for one.
  const asked = askedMs === undefined ? 0 : nowMs + lengthOf(failure, 0, world)
  if (asked <= opening.untilMs) return circuit
  return { ...circuit, opening: { ...opening, kind, reason, untilMs: asked } }
}

function lengthOf(
  { askedMs, backoff }: CircuitFailure,
  reopened: number,
  { limits, random }: FailureWorld,
): number {
  if (askedMs !== undefined) return Math.min(askedMs, limits.maxAskedMs)
  const fullMs = Math.min(backoff.maxMs, backoff.baseMs * 2 ** reopened)
  return fullMs * (1 - random() / 2)
}

/** The calls with one more. */
function counted(
  calls: RecentCalls,
  {
    nowMs,
    windowMs,
    failed,
  }: { readonly nowMs: number; readonly windowMs: number; readonly failed: 0 | 1 },
): RecentCalls {
  const slot = Math.floor((2 * nowMs) / windowMs)
  if (slot === calls.slot) return { ...calls, made: calls.made + 1, failed: calls.failed + failed }
  const before = slot === calls.slot + 1 ? calls : NO_CALLS
  return { slot, made: 1, failed, madeBefore: before.made, failedBefore: before.failed }
}
