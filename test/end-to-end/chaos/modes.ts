import {
  addsError,
  answers,
  asItCame,
  breaksOff,
  comesToNothing,
  declines,
  givesWay,
  isGone,
  itsOwnError,
  type Mode,
  stalls,
  tooShort,
  unseen,
} from './rules.ts'

const json = { 'content-type': 'application/json' }
const page = { 'content-type': 'text/html' }
const events = { 'content-type': 'text/event-stream' }
/** After so many events every dialect has said something, and none has said all. */
const afterEvents = 6

/** Nothing but an answer that says what is wrong. */
const REFUSALS: readonly Mode[] = [
  answers([401, 'upstream_rejected_key'], 'refuses the key', { kind: 'refuse', status: 401 }),
  answers([403, 'upstream_rejected_key'], 'forbids it', { kind: 'refuse', status: 403 }),
  answers([403, 'upstream_rejected_key'], 'refuses with a page', { kind: 'html', status: 403 }),
  answers(
    [402, 'invalid_request'],
    'wants to be paid',
    { kind: 'decline', as: 'bad-request', status: 402 },
    { status: 402, isInProvidersWords: true },
  ),
  answers([429, 'rate_limited'], 'limits the rate', { kind: 'rate-limit' }),
  answers(
    [429, 'rate_limited'],
    'limits the rate for a while',
    { kind: 'rate-limit', retryAfterSeconds: 7 },
    { retryAfter: '7' },
  ),
  answers([408, 'upstream_timeout'], 'takes too long', { kind: 'server-error', status: 408 }),
  answers([500, 'upstream_error'], 'fails', { kind: 'server-error', status: 500 }),
  answers([502, 'upstream_error'], 'is a bad gateway', { kind: 'server-error', status: 502 }),
  answers([502, 'upstream_error'], 'fails with a page', { kind: 'html', status: 502 }),
  answers([503, 'upstream_overloaded'], 'is unavailable', { kind: 'server-error', status: 503 }),
  answers([504, 'upstream_timeout'], 'times out', { kind: 'server-error', status: 504 }),
  answers([529, 'upstream_overloaded'], 'is overloaded', { kind: 'server-error', status: 529 }),
  answers(
    [500, 'upstream_error'],
    'fails without an end',
    { kind: 'other-answer', status: 500, headers: page, body: '<html>', ends: 'never' },
    { isFirst: true },
  ),
  declines([400, 'invalid_request'], 'declines the request', { kind: 'bad-request' }),
  declines([404, 'not_found'], 'does not find it', {
    kind: 'decline',
    as: 'not-found',
    status: 404,
  }),
  declines([413, 'request_too_large'], 'finds it too large', {
    kind: 'decline',
    as: 'bad-request',
    status: 413,
  }),
  declines([422, 'invalid_request'], 'cannot process it', {
    kind: 'decline',
    as: 'unprocessable',
    status: 422,
  }),
  {
    name: 'redirects',
    fault: { kind: 'redirect', to: 'http://127.0.0.1:9/' },
    universal: givesWay('307', 'upstream_redirect'),
    native: givesWay('307', 'upstream_redirect'),
  },
]

const NO_ANSWERS: readonly Mode[] = [
  isGone('is not there', 'no connection'),
  isGone('hangs up', { kind: 'die-before-headers' }),
  isGone('resets the connection', { kind: 'reset-before-headers' }),
  isGone('speaks no HTTP', { kind: 'garbage' }),
  isGone('sends a megabyte of headers', {
    kind: 'other-answer',
    headers: { ...json, 'x-filler': 'x'.repeat(1024 * 1024) },
  }),
]

/** A status of 200, and no answer. */
const NONSENSE: readonly Mode[] = [
  comesToNothing('answers with a page', { kind: 'html', status: 200 }),
  comesToNothing(
    'answers with a page that has no end',
    { kind: 'other-answer', headers: page, body: '<html>', ends: 'never' },
    { surfaces: 'universal' },
  ),
  comesToNothing('answers with nothing', { kind: 'other-answer', headers: json }),
  comesToNothing(
    'has nothing to answer',
    { kind: 'other-answer', status: 204, headers: json },
    { surfaces: 'universal' },
  ),
  comesToNothing(
    'answers with nothing, of no length',
    { kind: 'other-answer', headers: json, ends: 'by-chunks' },
    { asked: 'whole' },
  ),
  comesToNothing('streams nothing', { kind: 'other-answer', headers: events }),
  comesToNothing('answers with half of a JSON object', {
    kind: 'other-answer',
    headers: json,
    body: '{"id":"one","choices":[{"mess',
  }),
  comesToNothing('answers with words', {
    kind: 'other-answer',
    headers: json,
    body: 'Come back later',
  }),
  comesToNothing(
    'streams where it should not',
    { kind: 'other-answer', headers: events, body: 'data: {}\n\n' },
    { asked: 'whole' },
  ),
  comesToNothing(
    'does not stream where it should',
    { kind: 'other-answer', headers: json, body: '{"id":"one","choices":[]}' },
    { asked: 'stream' },
  ),
  comesToNothing(
    'answers with an error under 200',
    { kind: 'error-event', afterEvents: 0, as: 'server-error' },
    { asked: 'whole' },
  ),
]

/** Cut before anything was said. */
const EARLY_CUTS: readonly Mode[] = [
  comesToNothing(
    'is cut off',
    { kind: 'die-midway', afterEvents },
    { asked: 'whole', native: tooShort, unseen },
  ),
  comesToNothing('ends in the middle', { kind: 'end-midway', afterEvents }, { asked: 'whole' }),
  comesToNothing(
    'dies before its first event',
    { kind: 'die-midway', afterEvents: 0 },
    { asked: 'stream', native: addsError, unseen },
  ),
  comesToNothing(
    'dies in its first event',
    { kind: 'die-midway', afterEvents: 0, extraBytes: 9 },
    { asked: 'stream', native: addsError, unseen },
  ),
  comesToNothing(
    'ends before its first event',
    { kind: 'end-midway', afterEvents: 0 },
    { asked: 'stream' },
  ),
  comesToNothing(
    'begins with an error',
    { kind: 'error-event', afterEvents: 0, as: 'server-error' },
    { asked: 'stream', native: itsOwnError },
  ),
  comesToNothing(
    'begins with being overloaded',
    { kind: 'error-event', afterEvents: 0, as: 'overloaded' },
    { asked: 'stream', native: itsOwnError, code: 'upstream_overloaded' },
  ),
  comesToNothing(
    'begins with a limit',
    { kind: 'error-event', afterEvents: 0, as: 'rate-limit' },
    { asked: 'stream', native: itsOwnError, code: 'rate_limited' },
  ),
]

/** Cut when the caller has the first words. */
const LATE_CUTS: readonly Mode[] = [
  breaksOff('dies midway', { kind: 'die-midway', afterEvents }, { native: addsError }),
  breaksOff(
    'dies in the middle of an event',
    { kind: 'die-midway', afterEvents, extraBytes: 9 },
    { native: addsError },
  ),
  breaksOff('ends without an end', { kind: 'end-midway', afterEvents }, { native: asItCame }),
  breaksOff(
    'says an error midway',
    { kind: 'error-event', afterEvents, as: 'server-error' },
    { native: itsOwnError },
  ),
  breaksOff(
    'is overloaded midway',
    { kind: 'error-event', afterEvents, as: 'overloaded' },
    { native: itsOwnError, code: 'upstream_overloaded' },
  ),
]

/** Silent until nobody waits any longer. */
const STALLS: readonly Mode[] = [
  comesToNothing('is silent', { kind: 'stall-before-headers' }, { code: 'upstream_timeout' }),
  comesToNothing(
    'is silent behind its headers',
    { kind: 'stall-midway', afterEvents: 0 },
    { asked: 'stream', code: 'upstream_timeout' },
  ),
  comesToNothing(
    'is silent in the middle of an answer',
    { kind: 'stall-midway', afterEvents },
    { asked: 'whole', code: 'upstream_timeout' },
  ),
  breaksOff(
    'falls silent midway',
    { kind: 'stall-midway', afterEvents },
    { native: asItCame, code: 'upstream_timeout' },
  ),
].map(stalls)

/** Every way in which an upstream fails, and what comes of it. */
export const MODES: readonly Mode[] = [
  ...REFUSALS,
  ...NO_ANSWERS,
  ...NONSENSE,
  ...EARLY_CUTS,
  ...LATE_CUTS,
  ...STALLS,
]
