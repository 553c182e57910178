import type { Candidate, Candidates } from '../call/find-candidates.ts'
import type { Dependencies } from '../dependencies.ts'
import { type Trace, traceHeaders } from '../record/trace.ts'
import { type GivenWay, givenWay } from './given-way.ts'
import { type Lane, type LaneEnd, leaveLane, startLane } from './lane.ts'
import type { Serve } from './try-candidate.ts'

/** Candidates of which the next is tried beside one that takes long. */
export interface HedgedCandidates extends Candidates {
  readonly hedgeAfterMs: number
}

/** So many candidates are under way at a time: each of them may cost as much as an answer. */
const MOST_AT_ONCE = 2

/**
 * As `firstAnswer`, but a candidate that has not begun to answer after a while is not waited for alone: the next is tried
 * beside it, the first that answers is the caller's, and the other is let go of. All else is as in a sequence: where
 * none is under way the next is tried at once, and what one throws is for the caller once all before it have failed.
 */
export async function hedgedAnswer(
  hedged: HedgedCandidates,
  serve: Serve,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const race: Race = {
    hedged,
    waiting: [...hedged.candidates],
    before: givenWay(deps, trace),
    underWay: [],
    isDue: true,
    due: undefined,
    thrown: undefined,
  }
  try {
    for (;;) {
      startNextIfDue(race, serve, deps, trace)
      const news = await nextNews(race)
      if (news === undefined) throw await errorOf(race)
      if (news === 'due') race.isDue = true
      else {
        const answer = settle(race, news, deps, trace)
        if (answer !== undefined) return answer
      }
    }
  } finally {
    race.due?.stop()
    leaveAll(race, deps)
    race.before.letGo()
  }
}

interface Race {
  readonly hedged: HedgedCandidates
  readonly waiting: Candidate[]
  readonly before: GivenWay
  /** In the order of the candidates. */
  underWay: readonly Lane[]
  /** Whether the next candidate is to be tried now. */
  isDue: boolean
  /** When it is to be, counted from the last that was started. */
  due: Due | undefined
  /** What a candidate threw: nothing is tried behind it, but one before it may still answer. */
  thrown: { readonly lane: Lane; readonly error: unknown } | undefined
}

interface Due {
  readonly comes: Promise<'due'>
  readonly stop: () => void
}

function mayStart({ hedged, waiting, underWay, thrown }: Race): boolean {
  const isWanted = thrown === undefined && !hedged.signal.aborted
  return isWanted && waiting.length > 0 && underWay.length < MOST_AT_ONCE
}

/** Sets out with the next, and sets the time for the one behind it. */
function startNextIfDue(race: Race, serve: Serve, deps: Dependencies, trace: Trace): void {
  const next = race.isDue && mayStart(race) ? race.waiting.shift() : undefined
  if (next === undefined) return
  const { signal, hedgeAfterMs } = race.hedged
  race.underWay = [...race.underWay, startLane(next, { serve, signal }, trace)]
  race.isDue = false
  race.due?.stop()
  race.due = race.waiting.length === 0 ? undefined : dueIn(hedgeAfterMs, deps)
}

function dueIn(milliseconds: number, { startTimer }: Pick<Dependencies, 'startTimer'>): Due {
  const { promise: comes, resolve } = Promise.withResolvers<'due'>()
  return { comes, stop: startTimer(milliseconds, () => resolve('due')) }
}

/** What happens next; undefined where nothing can any more. */
async function nextNews(race: Race): Promise<LaneEnd | 'due' | undefined> {
  const ends = race.underWay.map(({ settled }) => settled)
  if (ends.length === 0) return undefined
  return await Promise.race(
    race.due !== undefined && mayStart(race) ? [...ends, race.due.comes] : ends,
  )
}

/** What a candidate's end means for the others; the caller's answer, where it is one. */
function settle(
  race: Race,
  { lane, outcome }: LaneEnd,
  deps: Dependencies,
  trace: Trace,
): Response | undefined {
  const at = race.underWay.indexOf(lane)
  const isLast = at === race.underWay.length - 1
  race.underWay = race.underWay.filter((other) => other !== lane)
  switch (outcome.kind) {
    case 'answer':
      leaveAll(race, deps)
      lane.fork.adopt()
      return withTrace(outcome.response, trace)
    case 'thrown':
      lane.fork.record()
      race.thrown = { lane, error: outcome.error }
      if (at === 0) leaveAll(race, deps)
      return undefined
    case 'failure':
    case 'refusal':
      lane.fork.record()
      race.before.note(outcome)
      // One to which nothing was sent has not had its turn.
      race.isDue ||= race.underWay.length === 0 || (outcome.kind === 'refusal' && isLast)
      return undefined
    default:
      return outcome satisfies never
  }
}

function leaveAll(race: Race, deps: Dependencies): void {
  for (const lane of race.underWay) leaveLane(lane, deps)
  race.underWay = []
}

async function errorOf({ thrown, before }: Race): Promise<unknown> {
  if (thrown === undefined) return await before.error()
  thrown.lane.fork.adopt()
  return thrown.error
}

/** The answer was made when it could not be known yet what became of the others. */
function withTrace(answer: Response, trace: Trace): Response {
  for (const [name, value] of Object.entries(traceHeaders(trace))) {
    if (OF_THE_WAY.test(name)) answer.headers.set(name, value)
  }
  return answer
}

const OF_THE_WAY = /^(?:x-keyway-|server-timing$)/
