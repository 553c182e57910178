import type { KeyPlan, Position } from './positions.ts'
import type { Mode, Rule } from './rules.ts'
import type { Surface } from './surfaces.ts'

/** What a case comes to, for its caller, its upstreams and the records. */
export interface View {
  readonly status: number
  /** `retry-after`, or `never` where the caller is told not to try again. */
  readonly retry?: string
  /** `x-keyway-error-code`. */
  readonly code?: string | null
  /** The error's own code, or its type on Anthropic's surface. */
  readonly said?: string
  /** How the answer ended: well, in the dialect's error, without either, or with a broken connection. */
  readonly end?: 'well' | 'error' | 'clean' | 'broken' | 'error answer'
  /** How much of the model's words came; `wrong` for others. */
  readonly text?: 'whole' | 'part' | 'none' | 'wrong'
  /** Each with the number of its key. */
  readonly attempts: readonly string[]
  /** The keys that the providers saw, in order. */
  readonly seen: readonly number[]
  /** Exchanges that the providers still hold open. */
  readonly open: 0
  /** Whether the error names every key that was tried. */
  readonly namesAll?: boolean
  /** Every record of the request. */
  readonly records: readonly {
    readonly status: number
    readonly outcome: string
    readonly key: number
    readonly hasTokens: boolean
    readonly attempts: readonly string[]
  }[]
}

export interface Case {
  readonly mode: Mode
  readonly position: Position
  readonly surface: Surface
  readonly stream: boolean
  readonly keys: readonly KeyPlan[]
}

/** Words of Anthropic's for our codes. https://platform.claude.com/docs/en/api/errors */
const CLAUDES: Readonly<Record<string, string>> = {
  upstream_rejected_key: 'permission_error',
  rate_limited: 'rate_limit_error',
  upstream_error: 'api_error',
  upstream_unreachable: 'api_error',
  upstream_redirect: 'api_error',
  upstream_overloaded: 'overloaded_error',
  upstream_timeout: 'timeout_error',
}
const MENDED_BY_WAITING = new Set([
  'rate_limited',
  'upstream_error',
  'upstream_unreachable',
  'upstream_overloaded',
  'upstream_timeout',
])
/** Tells the tokens of the prompt before the first word. */
const TELLS_AT_ONCE = new Set(['anthropic'])

/** Says to slow down, and never for how long. */
const TELLS_NO_TIME = new Set(['bedrock'])

/** What a case must come to, by the rules alone; `seen` tells only which of two ways the runtime told of a cut. */
export function expectedOf(chaos: Case, seenAttempts: readonly string[]): View {
  const { mode, position, surface, keys } = chaos
  const ruleAt = (key: number): Rule =>
    mode.unseen !== undefined && seenAttempts[key] === `${key}:unreachable`
      ? mode.unseen
      : mode[surface.kind]
  const tried: number[] = []
  const attempts: string[] = []
  for (const [index, { fails }] of keys.entries()) {
    if (position.isRoute && index > 0 && !surface.falls) break
    tried.push(index)
    attempts.push(`${index}:${fails ? outcomeOf(ruleAt(index)) : '200'}`)
    if (!fails || ruleAt(index).does !== 'gives way') break
  }
  const last = tried.at(-1) ?? 0
  const seen =
    mode.fault === 'no connection' ? tried.filter((key) => keys[key]?.fails !== true) : tried
  const {
    status,
    outcome,
    hasTokens = false,
    ...answer
  } = answerTo(ruleAt(last), {
    surface,
    provider: keys[last]?.place.provider ?? '',
    isGood: keys[last]?.fails !== true,
    count: tried.length,
  })
  const records = [{ status, outcome, key: last, hasTokens, attempts }]
  return { status, ...answer, attempts, seen, open: 0, records }
}

interface LastAttempt {
  readonly surface: Surface
  readonly provider: string
  /** Whether it was at one that does not fail. */
  readonly isGood: boolean
  /** How many there were. */
  readonly count: number
}

type Answer = Pick<View, 'status' | 'retry' | 'code' | 'said' | 'end' | 'text' | 'namesAll'> & {
  readonly outcome: string
  readonly hasTokens?: boolean
}

/** What the caller gets, and what is recorded of it, after the last attempt. */
function answerTo(rule: Rule, attempt: LastAttempt): Answer {
  const { surface, provider, isGood } = attempt
  const begun = { status: 200, code: null } as const
  if (isGood) {
    const hasTokens = surface.kind === 'universal' && surface.tellsTokens
    return { ...begun, end: 'well', text: 'whole', outcome: 'ok', hasTokens }
  }
  if (rule.does === 'passes') return { ...begun, end: rule.end, outcome: rule.recorded }
  if (rule.does === 'breaks') {
    const hasTokens = TELLS_AT_ONCE.has(provider)
    return { ...begun, end: 'error', text: 'part', outcome: rule.code, hasTokens }
  }
  const said = { end: 'error answer', outcome: rule.code } as const
  const isOurs = surface.kind === 'universal' || NO_ANSWERS.has(outcomeOf(rule))
  if (!isOurs) return { ...said, status: rule.status }
  return { ...said, ...ownError(rule, attempt) }
}

/** Attempts that bring nothing that the native surface could hand on. */
const NO_ANSWERS = new Set(['unreachable', 'upstream_timeout', '307'])

function outcomeOf(rule: Rule): string {
  if (rule.does === 'gives way') return rule.outcome
  return rule.does === 'declines' ? String(rule.status) : '200'
}

function ownError(
  rule: Extract<Rule, { code: string; status: number }>,
  { surface: { errors, kind }, provider, count }: LastAttempt,
): Pick<Answer, 'status' | 'code' | 'retry' | 'said' | 'namesAll'> {
  const { code } = rule
  const isKept = rule.does === 'declines' || rule.isInProvidersWords === true
  const isClaudes = errors === 'anthropic' && kind === 'universal'
  const told =
    rule.does === 'gives way' && !TELLS_NO_TIME.has(provider) ? rule.retryAfter : undefined
  return {
    status: isClaudes && code === 'upstream_overloaded' ? 529 : rule.status,
    code,
    retry: MENDED_BY_WAITING.has(code) ? (told ?? '1') : 'never',
    ...(isKept ? {} : { said: isClaudes ? (CLAUDES[code] ?? '') : code }),
    ...(rule.does === 'gives way' && count > 1 && rule.outcome !== '402' ? { namesAll: true } : {}),
  }
}
