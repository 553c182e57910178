import type { ChatEvent } from './chat-events.ts'
import type { ChatAnswer, ChatRequest } from './chat.ts'
import type { Compat } from './compat.ts'
import type { GatewayError } from './errors.ts'
import type { JsonObject } from './parse.ts'
import type { SseEvent } from './wire-format.ts'

/** What every wire format offers to the gateway. All of it is pure: the same input gives the same output, always. */

/** A format that callers speak. */
export interface ClientFormat {
  /** What the caller asks. Throws `invalid_request` naming the field, by its path in the body. */
  decodeRequest(body: JsonObject): ChatRequest
  /** How this format calls what the canonical model calls otherwise, for errors and warnings. */
  readonly parameterNames: Readonly<Partial<Record<Parameter, string>>>
  encodeAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject
  streamEncoder(context: AnswerContext): StreamEncoder
}

/** A format that providers speak; `Profile` is what is known of the model and its host. */
export interface UpstreamFormat<Profile> {
  /** The body for the provider, without what is the host's affair. What it cannot carry is reported to `compat`. */
  encodeRequest(request: ChatRequest, target: EncodeTarget<Profile>): JsonObject
  /** Throws `upstream_error` for a body that is no answer of this format. */
  decodeAnswer(body: JsonObject, source: DecodeSource<Profile>): ChatAnswer
  streamDecoder(source: DecodeSource<Profile>, emit: (event: ChatEvent) => void): StreamDecoder
}

export interface EncodeTarget<Profile> {
  /** The provider's own model id. */
  readonly model: string
  readonly profile: Profile
  readonly compat: Compat
}

export interface DecodeSource<Profile> {
  readonly model: string
  readonly profile: Profile
  /** What was asked: names that had to be shortened, or an output format that had to be emulated, follow from it. */
  readonly request: ChatRequest
  /** Unlike every other request's; ids that the provider does not give are made from it. */
  readonly requestId: string
}

export interface AnswerContext {
  /** The provider's own model id, for answers that do not name one. */
  readonly model: string
  readonly request: ChatRequest
  readonly requestId: string
  /** When the request came, in seconds since 1970. */
  readonly createdSeconds: number
}

/** Reads one stream, an event at a time. */
export interface StreamDecoder {
  /** Emits what an event means. Throws on an event that makes no sense. */
  next(event: SseEvent): void
  /** The provider closed the stream in order: emits what had to wait for it, and `end` in dialects that have no last word. */
  close(): void
}

/** Writes one stream, as the text of its events. */
export interface StreamEncoder {
  /** The text for an event; empty where it has to wait, or means nothing in this format. */
  next(event: ChatEvent): string
  /** The text for a failure after the first byte; nothing follows it. Never a word that means a good end. */
  fail(error: GatewayError): string
}

/** Parameters by the names that most formats give them. */
export type Parameter =
  | 'max_tokens'
  | 'temperature'
  | 'top_p'
  | 'top_k'
  | 'presence_penalty'
  | 'frequency_penalty'
  | 'seed'
  | 'stop'
  | 'n'
  | 'logprobs'
  | 'tools'
  | 'tool_choice'
  | 'parallel_tool_calls'
  | 'response_format'
  | 'reasoning_effort'
  | 'reasoning_summary'
  | 'verbosity'
  | 'user'
  | 'metadata'
  | 'service_tier'
  | 'prompt_cache_key'
  | 'cache_control'
  | 'messages'
  | 'strict'
  | 'image'
  | 'file'
  | 'audio'
  | 'detail'
