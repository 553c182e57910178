import { type KeyLimits, LIMIT_NAMES, type LimitName } from '../../limits/key-limits.ts'
import type { KeyPurse } from '../../limits/key-purse.ts'
import type { Refusal } from '../../limits/terms.ts'

/** What a limit is called in headers, and how it is counted there: per 60 seconds, or at the same time. */
const POLICIES: Readonly<Record<LimitName, { readonly name: string; readonly counted: string }>> = {
  requests_per_minute: { name: '"keyway-requests"', counted: 'w=60' },
  tokens_per_minute: { name: '"keyway-tokens"', counted: 'w=60' },
  concurrent_requests: { name: '"keyway-concurrent"', counted: 'qu="concurrent-requests"' },
}

/**
 * An API key's limits and what is left of them, as `ratelimit-policy` and `ratelimit`: both are lists of named policies, so
 * that they cannot be taken for an upstream's. https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function limitHeaders(
  { limits: recorded, purse }: { readonly limits: KeyLimits; readonly purse: KeyPurse },
  nowMs: number,
  refusal?: Refusal,
): Record<string, string> {
  const limits = purse.limits ?? recorded
  const policies: string[] = []
  const left: string[] = []
  for (const limit of LIMIT_NAMES) {
    const { name, counted } = POLICIES[limit]
    if (limits[limit] === undefined) continue
    policies.push(`${name};q=${limits[limit]};${counted}`)
    if (refusal?.limit === limit) left.push(`${name};r=0;t=${secondsOf(refusal)}`)
    else if (limit !== 'concurrent_requests') {
      const remaining = purse.remaining(limit, nowMs)
      if (remaining !== undefined) left.push(`${name};r=${remaining}`)
    }
  }
  const headers = {
    'ratelimit-policy': policies.join(', '),
    ...(left.length === 0 ? {} : { ratelimit: left.join(', ') }),
  }
  return refusal === undefined ? headers : { ...headers, ...asOpenAiSays(limits, refusal) }
}

/** In whole seconds, at least one. */
export function secondsOf({ retryAfterMs }: Refusal): number {
  return Math.max(1, Math.ceil(retryAfterMs / 1000))
}

/** Where Keyway itself refuses, no upstream says anything in these names, which clients know best. */
function asOpenAiSays(limits: KeyLimits, refusal: Refusal): Record<string, string> {
  if (refusal.limit === 'concurrent_requests') return {}
  const what = refusal.limit === 'requests_per_minute' ? 'requests' : 'tokens'
  return {
    [`x-ratelimit-limit-${what}`]: String(limits[refusal.limit]),
    [`x-ratelimit-remaining-${what}`]: '0',
    [`x-ratelimit-reset-${what}`]: `${secondsOf(refusal)}s`,
  }
}
