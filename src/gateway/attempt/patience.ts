import { GatewayError } from '../../core/errors.ts'
import type { Timeouts } from '../../storage/replica/records.ts'
import type { Lateness, Patience } from '../../streams/deadlines.ts'
import type { Target } from '../target/target.ts'

const MINUTE_MS = 60_000

/**
 * How long targets are waited for where nobody says otherwise. Nothing limits the length of a whole answer.
 *
 * A stream begins within seconds, unless the model thinks first. What is not a stream begins when the model has finished:
 * providers and their SDKs allow ten minutes, and more for models that think. Native calls may be anything, such as an upload.
 * A private model may be queued, loaded and fed a long prompt first. Between two pieces of an answer a model can only think.
 */
const USUAL = {
  stream: { firstByteMs: 2 * MINUTE_MS, idleMs: 5 * MINUTE_MS, totalMs: Infinity },
  'thinking-stream': { firstByteMs: 10 * MINUTE_MS, idleMs: 10 * MINUTE_MS, totalMs: Infinity },
  whole: { firstByteMs: 10 * MINUTE_MS, idleMs: 5 * MINUTE_MS, totalMs: Infinity },
  'thinking-whole': { firstByteMs: 20 * MINUTE_MS, idleMs: 5 * MINUTE_MS, totalMs: Infinity },
  native: { firstByteMs: 30 * MINUTE_MS, idleMs: 30 * MINUTE_MS, totalMs: Infinity },
  private: { firstByteMs: 10 * MINUTE_MS, idleMs: 5 * MINUTE_MS, totalMs: Infinity },
} as const satisfies Record<string, Patience>

/** What is known of an answer that limits how long it is waited for. */
export interface Expected {
  readonly answer: 'stream' | 'whole' | 'native'
  /** Whether the target's model may be silent for minutes. Asked only for answers that keep their caller waiting. */
  readonly mayThink?: ((target: Target) => boolean) | undefined
  /** What a route says; it goes before what an endpoint says. */
  readonly timeouts?: Timeouts | undefined
}

/** Good for most answers, and found without a look at the model. */
export function guessOf(target: Target, { answer, timeouts }: Expected): Patience {
  return withTimeouts(
    target.endpoint === undefined ? USUAL[answer] : USUAL.private,
    target,
    timeouts,
  )
}

/** What really holds, where it comes to that. */
export function patienceOf(target: Target, { answer, timeouts, mayThink }: Expected): Patience {
  const thinks = answer !== 'native' && mayThink?.(target) === true
  return withTimeouts(USUAL[thinks ? (`thinking-${answer}` as const) : answer], target, timeouts)
}

function withTimeouts(
  usual: Patience,
  { endpoint }: Target,
  timeouts: Timeouts | undefined,
): Patience {
  if (timeouts === undefined && endpoint === undefined) return usual
  const said = { ...endpoint?.timeouts, ...timeouts }
  return {
    firstByteMs: said.first_byte_ms ?? usual.firstByteMs,
    idleMs: said.idle_ms ?? usual.idleMs,
    totalMs: said.total_ms ?? usual.totalMs,
  }
}

/** What to tell the caller of a target that is too late. */
export function latenessError(
  { provider, endpoint }: Target,
  { kind, limitMs }: Lateness,
  { answer }: Pick<Expected, 'answer'>,
): GatewayError {
  const name = endpoint === undefined ? provider.name : `The endpoint ${endpoint.name}`
  const limit = `${limitMs / 1000} s`
  const deed =
    kind === 'unfinished'
      ? `did not finish its answer within ${limit}`
      : `sent nothing for ${limit}`
  return new GatewayError('upstream_timeout', `${name} ${deed}. ${remedyOf(endpoint, answer)}`)
}

/** Where to allow it more: no route leads to the native surface. */
function remedyOf(endpoint: Target['endpoint'], answer: Expected['answer']): string {
  const places = [
    ...(answer === 'native' ? [] : ['a route', 'its target']),
    ...(endpoint === undefined ? [] : ['the endpoint']),
  ]
  if (places.length === 0) return 'On the native surface that is as long as anything is waited for.'
  const where = places.join(', ').replace(/, (?=[^,]*$)/, ' or ')
  return `\`timeouts\` of ${where} can allow it more.`
}
