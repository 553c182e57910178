/** The headers by which a provider tells how far a limit of its is used up, and when it is filled again. */
export interface ResetHeaders {
  /** What is left, as a number. */
  readonly remaining: string
  /** When it is filled again: a duration or a date. */
  readonly reset: string
}

/** Durations such as `6m0s`. https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers */
export const OPENAI_RESET_HEADERS: readonly ResetHeaders[] = ['requests', 'tokens'].map((what) => ({
  remaining: `x-ratelimit-remaining-${what}`,
  reset: `x-ratelimit-reset-${what}`,
}))

/** Dates of RFC 3339. https://platform.claude.com/docs/en/api/rate-limits#response-headers */
export const ANTHROPIC_RESET_HEADERS: readonly ResetHeaders[] = [
  'requests',
  'tokens',
  'input-tokens',
  'output-tokens',
].map((what) => ({
  remaining: `anthropic-ratelimit-${what}-remaining`,
  reset: `anthropic-ratelimit-${what}-reset`,
}))
