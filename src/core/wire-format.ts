import type { GatewayError } from './errors.ts'
import type { JsonObject } from './parse.ts'
import type { ToldUsage, UsageReader } from './told-usage.ts'

/** The formats of conversations that Keyway and its providers speak. */
export type ChatFormat =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'bedrock-converse'
  | 'gemini'

/** The formats of conversations that callers speak. */
export type ClientChatFormat = 'openai-chat' | 'openai-responses' | 'anthropic-messages'

/** The request and answer shapes of the universal surfaces, by the operation that they are for. */
export type SurfaceFormat = ClientChatFormat | 'openai-embeddings' | 'anthropic-count-tokens'

/** Whether any model's answer will do: vectors and counts of one model mean nothing to another. */
export function isConversation(format: SurfaceFormat): boolean {
  return format !== 'openai-embeddings' && format !== 'anthropic-count-tokens'
}

/** All that Keyway and its providers speak. */
export type WireFormat = ChatFormat | SurfaceFormat

/** One server-sent event. `name` is empty where the stream names none. */
export interface SseEvent {
  readonly name: string
  readonly data: string
}

/** What the gateway must know of a dialect to be truthful about how a stream of it ended. */
export interface StreamDialect {
  /** Words of which every event that ends the dialect, or is an error, holds at least one: text without them needs no reading. */
  readonly marks: readonly string[]
  /** Whether the event is one after which the dialect ends: its last word, or an error. */
  isLast(event: SseEvent): boolean
  /** The error that an event is, in the dialect's own shape or in a provider's. */
  errorIn(event: SseEvent): StreamedError | undefined
  /** The error that an event is, where a provider says errors in another shape than the dialect's own. */
  foreignError?(event: SseEvent): UpstreamErrorBody | undefined
  /** Words of which every event that tells of tokens, but for the first event, holds at least one. */
  readonly usageMarks: readonly string[]
  /** A reader of what one stream tells of its tokens. */
  usageReader(): UsageReader<SseEvent>
  /** What a whole answer tells of its tokens, by its members. */
  usageOfAnswer(member: (name: string) => unknown): ToldUsage
  /** What says that all is well while nothing comes, where the dialect has an event for it; a comment does elsewhere. */
  readonly signOfLife?: string
  /** The stream's text for a failure after the first byte. Never a word that the dialect uses for a good end. */
  failure(error: GatewayError, requestId: string): string
}

/** An upstream's account of an error, as far as it gave one. */
export interface UpstreamErrorBody {
  readonly message: string
  readonly type?: string
  readonly code?: string
  readonly param?: string
  /** What a program can know the error by, in dialects that say so apart. */
  readonly facts?: JsonObject
  /** How long it asks to be left alone, in dialects that say so in the body. */
  readonly retryAfterMs?: number
}

/** An error that came in a stream; `status` is what it would have been as an answer, where the dialect tells. */
export interface StreamedError extends UpstreamErrorBody {
  readonly status?: number
}
