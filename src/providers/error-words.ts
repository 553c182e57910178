import type { UpstreamErrorBody } from '../core/wire-format.ts'
import type { Upstream } from './provider.ts'

/** What befell a request, where a provider says it by a word and by no status of its own, or by a wrong one. */
export type ErrorMeaning =
  | 'rate-limited'
  | 'overloaded'
  | 'timed-out'
  /** The account has nothing left to spend: asking again does not help. */
  | 'spent'

/** Codes and types of errors, and what they mean. */
export type ErrorWords = Readonly<Record<string, ErrorMeaning>>

/** Words of OpenAI's, which those who speak its formats have too. https://platform.openai.com/docs/guides/error-codes */
const COMMON: ErrorWords = {
  rate_limit_error: 'rate-limited',
  rate_limit_exceeded: 'rate-limited',
  overloaded_error: 'overloaded',
  server_overloaded: 'overloaded',
  server_is_overloaded: 'overloaded',
  slow_down: 'overloaded',
  service_unavailable: 'overloaded',
  timeout: 'timed-out',
  insufficient_quota: 'spent',
  credit_balance_exhausted: 'spent',
  organization_spend_limit_exceeded: 'spent',
  organization_usage_limit_exceeded: 'spent',
  project_spend_limit_exceeded: 'spent',
}

/** What an error means by its words: the code tells more than the type. */
export function meaningOf(
  { code, type }: UpstreamErrorBody,
  { errorWords = {} }: Pick<Upstream, 'errorWords'>,
): ErrorMeaning | undefined {
  for (const word of [code, type]) {
    if (word === undefined) continue
    if (Object.hasOwn(errorWords, word)) return errorWords[word]
    if (Object.hasOwn(COMMON, word)) return COMMON[word]
  }
  return undefined
}
