import type { CallFailure, CallOutcome, OutgoingCall } from './call.ts'
import type { Connection } from './connection.ts'

/** What carrying a call needs of the object. */
export interface Fleet {
  /** The connectors that take calls. */
  ready(): Connection[]
  /** Whether there is room to hold more of requests and answers. */
  hasMemory(): boolean
  /** The next connector that comes online, if one does in time. */
  nextConnector(withinMs: number): Promise<unknown>
  /** Whether one may be back soon. */
  mayReturn(): boolean
  readonly nowMs: () => number
}

/** How long a call waits for a connector that was there a moment ago. */
const WAIT_MS = 5_000
const MAX_ATTEMPTS = 3

/** Nothing of these calls has reached a model, and another connector may do better. */
const NEVER_RAN: ReadonlySet<string> = new Set([
  'lost',
  'draining',
  'saturated',
  'model_unreachable',
])

/**
 * Gives a call to the connector with the fewest in flight, of those to the newest. Another one gets it where the first did
 * not accept it: a call that may have reached a model is never made twice.
 */
export async function carryCall(
  call: OutgoingCall,
  fleet: Fleet,
  signal: AbortSignal,
): Promise<CallOutcome> {
  let waitUntilMs: number | undefined
  const tried = new Set<Connection>()
  let failure: CallFailure = failed('offline')
  while (!signal.aborted) {
    const ready = fleet.ready().filter((connection) => !tried.has(connection))
    const [chosen] = ready.filter(({ hasRoom }) => hasRoom).toSorted(leastBusyOrNewest)
    if (chosen !== undefined && fleet.hasMemory()) {
      tried.add(chosen)
      const outcome = await attempt(chosen, call, signal)
      if (outcome.kind === 'answer' || !mayTryAgain(outcome, call)) return outcome
      failure = outcome
      // That it was lost may have taken as long as a silence does; the wait for the next one begins now.
      waitUntilMs = undefined
      if (tried.size === MAX_ATTEMPTS) return failure
      call.body?.rewind()
    } else if (ready.length > 0) {
      return failed('saturated')
    } else {
      waitUntilMs ??= fleet.nowMs() + WAIT_MS
      const leftMs = waitUntilMs - fleet.nowMs()
      const isWorthWaiting = isAbsence(failure) && fleet.mayReturn() && leftMs > 0
      if (!isWorthWaiting) return failure
      await fleet.nextConnector(leftMs)
    }
  }
  return failed('cancelled')
}

/** Of equals the newest goes first: the older one may be the dead line of a connector that has just dialled in anew. */
function leastBusyOrNewest(a: Connection, b: Connection): number {
  return a.inFlight - b.inFlight || b.record.openedAtMs - a.record.openedAtMs
}

async function attempt(
  connection: Connection,
  call: OutgoingCall,
  signal: AbortSignal,
): Promise<CallOutcome> {
  const running = connection.call(call)
  // Stays for the whole answer: the caller may leave in the middle of it.
  signal.addEventListener('abort', () => running.cancel(), { once: true })
  return await running.outcome
}

function mayTryAgain({ code, isAccepted }: CallFailure, { body }: OutgoingCall): boolean {
  return !isAccepted && NEVER_RAN.has(code) && (body === undefined || body.canRewind)
}

/** Nobody was there, as opposed to somebody who said no. */
function isAbsence({ code }: CallFailure): boolean {
  return code === 'offline' || code === 'lost' || code === 'draining'
}

function failed(code: string): CallFailure {
  return { kind: 'failure', code, isAccepted: false }
}
