import type { Usage } from '../../core/chat.ts'
import { GatewayError } from '../../core/errors.ts'
import { SharedCache } from '../../core/shared-cache.ts'
import { type Amounts, type KeyLimits, LIMIT_NAMES, RENEW_MS } from '../../limits/key-limits.ts'
import { type Admission, type KeyPurse, newKeyPurse } from '../../limits/key-purse.ts'
import { type KeyLedger, lend, newKeyLedger } from '../../limits/lender.ts'
import type { Hold } from '../../limits/slot-purse.ts'
import type { Ask, Refusal, Terms } from '../../limits/terms.ts'
import type { ApiKeyRecord } from '../../storage/replica/records.ts'
import type { Dependencies } from '../dependencies.ts'
import { timed, type Trace } from '../record/trace.ts'
import { limitHeaders, secondsOf } from './limit-headers.ts'

/** An API key's limits as this isolate knows them. */
interface LimitedKey {
  readonly apiKey: ApiKeyRecord
  readonly limits: KeyLimits
  readonly purse: KeyPurse
  readonly alone: Alone
}

/** What stands in for the organization's record while that cannot be reached: the isolate lends to itself. */
interface Alone {
  readonly ledger: KeyLedger
  untilMs: number
}

type KnownKey = Pick<LimitedKey, 'purse' | 'alone'>

/** What an isolate remembers of limited keys, of which each takes some kilobytes. One that is forgotten asks again. */
const known = new SharedCache<KnownKey>({ maxEntries: 2_000, keptMs: 3_600_000 })

/** A record that says nothing for so long counts as out of reach, and is not asked for a while. */
const ASK_MS = 2_000
const ALONE_MS = 5_000

interface Limited {
  readonly apiKey: ApiKeyRecord
  /** About how many tokens the request costs at least. */
  readonly tokensOf: () => number
}

type World = Pick<Dependencies, 'borrow' | 'nowMs' | 'sleep' | 'random' | 'waitUntil'>

/**
 * Admits a request by the limits of its API key until it ends, which the trace tells. Throws `rate_limited` where that would
 * be too much. What is admitted is paid for with what this isolate has borrowed of the organization's record, so most
 * requests wait for nothing; docs/limits.md says how exact that is. A key without limits is not even asked about.
 */
export async function admit(
  { apiKey, tokensOf }: Limited,
  deps: World,
  trace: Trace,
): Promise<void> {
  const { limits } = apiKey
  if (limits === undefined) return
  const key = { apiKey, limits, ...knownOf(apiKey, deps.nowMs()) }
  const { purse } = key
  const countsTokens = limits.tokens_per_minute !== undefined
  const tokens = countsTokens ? tokensOf() : 0
  const need = purse.needOf(limits, tokens)
  const admission =
    purse.admit(need, deps.nowMs()) ??
    (await timed(trace, 'limits', deps.nowMs, () =>
      admitOnLoan(key, { need, tokens }, deps, trace),
    ))
  noteLimits(key, trace, limitHeaders(key, deps.nowMs()))
  trace.meter.whenEnded(() => {
    purse.end(admission, usedTokens(trace.meter.usage) ?? tokens, deps.nowMs())
    reportInTime(key, deps)
  })
  if (admission.hold !== undefined) void renew(key, admission.hold, deps)
  if (purse.isRunningLow(deps.nowMs())) deps.waitUntil(refill(key, deps))
}

function knownOf({ organization_id: organizationId, id }: ApiKeyRecord, nowMs: number): KnownKey {
  const found = known.get(organizationId, id, nowMs)
  if (found !== undefined) return found
  const fresh = { purse: newKeyPurse(), alone: { ledger: newKeyLedger(), untilMs: -Infinity } }
  known.set(organizationId, id, fresh, nowMs)
  return fresh
}

function usedTokens(usage: Usage | undefined): number | undefined {
  const { inputTokens, outputTokens } = usage ?? {}
  if (inputTokens === undefined && outputTokens === undefined) return undefined
  return (inputTokens ?? 0) + (outputTokens ?? 0)
}

function noteLimits({ limits }: LimitedKey, trace: Trace, headers: Record<string, string>): void {
  const countsTokens = limits.tokens_per_minute !== undefined
  if (trace.caller !== undefined) {
    trace.caller = { ...trace.caller, limited: { headers, countsTokens } }
  }
}

/** Admits with what the record lends for it. */
async function admitOnLoan(
  key: LimitedKey,
  { need, tokens }: { readonly need: Amounts; readonly tokens: number },
  deps: World,
  trace: Trace,
): Promise<Admission> {
  const { purse, limits } = key
  let refusal = purse.rememberedRefusal(need, deps.nowMs())
  if (refusal === undefined) {
    const terms = await exchange(key, purse.ask(newLeaseId(deps), need, deps.nowMs()), deps)
    refusal = terms.refusal ?? undefined
    // Limits that are lower than was known make less of it do; where they are higher, what was asked for is enough.
    const admission = purse.admit(leastOf(need, purse.needOf(limits, tokens)), deps.nowMs())
    if (admission !== undefined) return admission
  }
  // What was lent for it can be gone to another request by now.
  refusal ??= {
    limit: LIMIT_NAMES.find((name) => need[name]) ?? 'requests_per_minute',
    retryAfterMs: 1000,
  }
  noteLimits(key, trace, limitHeaders(key, deps.nowMs(), refusal))
  throw refused(key, refusal)
}

function leastOf(one: Amounts, other: Amounts): Amounts {
  const names = LIMIT_NAMES.filter((name) => one[name] !== undefined)
  return Object.fromEntries(names.map((name) => [name, Math.min(one[name] ?? 0, other[name] ?? 0)]))
}

function refused({ apiKey: { id }, limits, purse }: LimitedKey, refusal: Refusal): GatewayError {
  const { limit } = refusal
  const retryAfterSeconds = secondsOf(refusal)
  const most = (purse.limits ?? limits)[limit]
  const what = {
    requests_per_minute: `has used up its limit of ${numbered(most, 'request')} per minute`,
    tokens_per_minute: `has no room for this request in its limit of ${numbered(most, 'token')} per minute`,
    concurrent_requests: `is at its limit of ${numbered(most, 'request')} in flight`,
  }[limit]
  return new GatewayError(
    'rate_limited',
    `The API key ${id} ${what} (limits.${limit}). Try again in ${retryAfterSeconds} s.`,
    { retryAfterSeconds },
  )
}

function numbered(count: number | undefined, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

/** Tells the record, or whoever stands in for it, and takes over what comes of it. */
async function exchange(key: LimitedKey, ask: Ask, deps: World): Promise<Terms> {
  const { purse, alone, limits } = key
  const askedMs = deps.nowMs()
  const answer = askedMs < alone.untilMs ? undefined : await answerTo(ask, key, deps)
  if (answer === undefined && askedMs >= alone.untilMs) alone.untilMs = deps.nowMs() + ALONE_MS
  const terms = answer ?? lend(alone.ledger, limits, ask, deps.nowMs())
  purse.receive(terms, ask, { askedMs, nowMs: deps.nowMs() })
  reportInTime(key, deps)
  return terms
}

/** A limit must not take the service down: a record that cannot be reached is no reason to refuse. */
async function answerTo(
  ask: Ask,
  { apiKey: { organization_id: organizationId, id: apiKeyId } }: LimitedKey,
  { borrow, sleep }: World,
): Promise<Terms | undefined> {
  try {
    const late = sleep(ASK_MS).then(() => undefined)
    return await Promise.race([borrow({ organizationId, apiKeyId }, ask), late])
  } catch {
    return undefined
  }
}

/** Asks for more before the next request has to wait for it. */
async function refill(key: LimitedKey, deps: World): Promise<void> {
  const { purse, limits } = key
  const { concurrent_requests: _, ...need } = purse.needOf(limits, 1)
  await exchange(key, purse.ask(newLeaseId(deps), need, deps.nowMs()), deps)
}

/** Sees to it that what is spent, owed and left over is told, also when no further request comes. */
function reportInTime(key: LimitedKey, deps: World): void {
  const delayMs = key.purse.scheduleReport(deps.nowMs())
  if (delayMs !== undefined) deps.waitUntil(report(key, delayMs, deps))
}

async function report(key: LimitedKey, delayMs: number, deps: World): Promise<void> {
  if (delayMs > 0) await deps.sleep(delayMs)
  const ask = key.purse.report(deps.nowMs())
  if (ask === undefined) reportInTime(key, deps)
  else await exchange(key, ask, deps)
}

/**
 * Says now and then that a request is still in flight. Nothing waits for this: it goes on as long as the platform keeps
 * the request, and a request that is gone without a word loses its place.
 */
async function renew(key: LimitedKey, hold: Hold, deps: World): Promise<void> {
  const { purse } = key
  for (;;) {
    await deps.sleep(RENEW_MS)
    if (!purse.isHeld(hold)) return
    purse.beat(hold, deps.nowMs())
    if (purse.isRenewalDue(deps.nowMs())) await exchange(key, purse.ask('', {}, deps.nowMs()), deps)
  }
}

/** Unlike all others of the last minute or so. */
function newLeaseId({ random }: World): string {
  return random().toString(36).slice(2) + random().toString(36).slice(2)
}
