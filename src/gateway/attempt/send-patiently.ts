import { GatewayError } from '../../core/errors.ts'
import type { EndpointRecord } from '../../storage/replica/records.ts'
import { type Deadlines, startDeadlines } from '../../streams/deadlines.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Trace } from '../record/trace.ts'
import type { Target } from '../target/target.ts'
import { abortedBy } from './departure.ts'
import type { PreparedRequest, UpstreamCall } from './outcome.ts'
import { type Expected, guessOf, latenessError, patienceOf } from './patience.ts'

/** An upstream that said nothing until its time was up. */
export class SilentUpstream extends Error {
  override readonly name = 'SilentUpstream'
  /** What to tell the caller of it. */
  readonly told: GatewayError

  constructor(told: GatewayError) {
    super()
    this.told = told
  }
}

/** An answer that has begun, and what still limits it. */
export interface Sent {
  readonly response: Response
  readonly deadlines: Deadlines
}

export interface Sending {
  readonly request: PreparedRequest
  readonly target: Target
  readonly call: Pick<UpstreamCall, 'signal' | 'expected'>
}

const WHOLE: Expected = { answer: 'whole' }

/**
 * What a target answers to a finished request, held to its deadlines: throws `SilentUpstream` where it does not begin in
 * time. When it is too late after that, its connection is broken and the trace tells why. Where the caller leaves, the
 * connection is broken too.
 */
export async function sendPatiently(
  { request, target, call: { signal, expected = WHOLE } }: Sending,
  deps: Pick<Dependencies, 'fetch' | 'nowMs' | 'startTimer'>,
  trace: Trace,
): Promise<Sent> {
  const { url, method, headers, body } = request
  const { endpoint, fetch = deps.fetch } = target
  const controller = abortedBy(signal)
  let isOpen = false
  let silent = undefined as SilentUpstream | undefined
  const deadlines = startDeadlines(guessOf(target, expected), deps, {
    late(lateness) {
      const told = latenessError(target, lateness, expected)
      if (isOpen) trace.brokenOff = told
      else silent = new SilentUpstream(told)
      controller.abort()
    },
    broken() {
      if (endpoint?.reach === 'connector') trace.brokenOff = lostConnector(endpoint)
    },
    exactPatience: endpoint === undefined ? () => patienceOf(target, expected) : undefined,
  })
  try {
    const until = controller.signal
    // A redirect that is followed would carry key headers to wherever it points.
    const response = await fetch(url, { method, headers, body, redirect: 'manual', signal: until })
    if (silent !== undefined) throw silent
    isOpen = true
    return { response, deadlines }
  } catch (error) {
    deadlines.end()
    throw silent ?? error
  }
}

function lostConnector({ name }: EndpointRecord): GatewayError {
  const message = `The way to the endpoint ${name} broke off before its answer was complete: its connector was lost, or its model server stopped.`
  return new GatewayError('tunnel_disconnected', message)
}
