import type { UpstreamErrorBody } from '../core/wire-format.ts'

/** What providers call an account whose credit or limit is spent, beside the 429 that they send for it. */
const WORDS: ReadonlySet<string> = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'project_spend_limit_exceeded',
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'billing_error',
  '1113',
])

/** Whether an error is about money and not about the rate of requests: asking again does not help then. */
export function isSpentAccount({ type = '', code = '' }: UpstreamErrorBody): boolean {
  return WORDS.has(type) || WORDS.has(code)
}
