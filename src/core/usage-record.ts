import type { Usage } from './chat.ts'

/** How a request ended: well, in an error by its code, or without its caller. */
export type Outcome = 'ok' | 'client_left' | (string & {})

/** What is recorded of one request. Nothing of a prompt or an answer is in it, and what is not known is null, never zero. */
export interface RequestRecord {
  readonly requestId: string
  /** Null where nobody knows who called. */
  readonly organizationId: string | null
  readonly apiKeyId: string | null
  /** When the request came, in milliseconds since 1970. */
  readonly atMs: number
  /** The format that the caller spoke, `native` for a provider's own protocol; null where no model was called. */
  readonly surface: string | null
  readonly provider: string | null
  /** The model that was asked for, by the provider's own id. */
  readonly model: string | null
  /** The model that answered, in its own words. */
  readonly answeredModel: string | null
  /** The provider key or private endpoint that was tried last. */
  readonly providerKeyId: string | null
  readonly isStream: boolean
  /** The answer's status; null where the caller left before there was one. */
  readonly status: number | null
  readonly outcome: Outcome
  readonly attempts: readonly RecordedAttempt[]
  readonly tokens: Usage | null
  /** Until the answer's end. */
  readonly latencyMs: number
  /** Until the first byte of the answer's body. */
  readonly firstByteMs: number | null
  readonly metadata: Readonly<Record<string, string>>
}

export interface RecordedAttempt {
  readonly keyId: string
  readonly outcome: string
}

/** The kinds of tokens, by the names that records and reports give them. */
export const TOKEN_KINDS = [
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const
export type TokenKind = (typeof TOKEN_KINDS)[number]

/** Where `Usage` has each of them. */
export const USAGE_FIELDS: Readonly<Record<TokenKind, keyof Usage>> = {
  input_tokens: 'inputTokens',
  cached_input_tokens: 'cachedInputTokens',
  cache_write_tokens: 'cacheWriteTokens',
  output_tokens: 'outputTokens',
  reasoning_tokens: 'reasoningTokens',
}
