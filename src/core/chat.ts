import type { JsonObject } from './parse.ts'

/**
 * The canonical model: a conversation and its answer in nobody's dialect. Every wire format is decoded into it and
 * encoded from it, so that formats need not know each other. What has no slot here is kept in `rest`, or refused, or
 * reported: never lost in silence.
 */

/** What a caller asks of a model. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[]
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
  /** False: at most one tool call in an answer. */
  readonly parallelToolCalls?: boolean
  readonly maxOutputTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly presencePenalty?: number
  readonly frequencyPenalty?: number
  readonly seed?: number
  readonly stop: readonly string[]
  /** How many answers, side by side. */
  readonly choices?: number
  /** Log probabilities wanted, with that many alternatives for each token. */
  readonly topLogprobs?: number
  readonly reasoning?: ReasoningWish
  /** Free text where it is left out. */
  readonly outputFormat?: OutputFormat
  readonly verbosity?: string
  /** Who the caller's own user is, in no words that tell. */
  readonly endUser?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly serviceTier?: string
  readonly promptCacheKey?: string
  /** The whole prompt is to be cached, wherever the provider finds best. */
  readonly cache?: CacheMark
  readonly stream: boolean
  /** Whether a stream is to tell its usage, on surfaces where that is the caller's choice. */
  readonly includeUsage?: boolean
  /** Members of the caller's body that have no slot, as they came. */
  readonly rest: JsonObject
  /** What else, inside of messages and tools, has no slot: for the warnings, or a reason to refuse. */
  readonly untranslated?: readonly Untranslated[]
  /** Members of the caller's body that answers of its own format repeat; nobody else looks at them. */
  readonly echo?: JsonObject
}

/** Something that only the caller's own format can say. */
export interface Untranslated {
  /** A member's name for what an answer can do without, a path in the caller's body for the rest. */
  readonly parameter: string
  /** Why the request would mean something else without it; left out where it would not. */
  readonly why?: string
}

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage

/** Instructions; they may stand anywhere in a conversation. */
export interface SystemMessage {
  readonly role: 'system'
  readonly content: readonly TextPart[]
}

export interface UserMessage {
  readonly role: 'user'
  readonly content: readonly UserPart[]
  readonly name?: string
}

export interface AssistantMessage {
  readonly role: 'assistant'
  readonly content: readonly AssistantPart[]
}

/** The result of one tool call. Those of parallel calls follow each other. */
export interface ToolMessage {
  readonly role: 'tool'
  readonly callId: string
  readonly content: readonly UserPart[]
  readonly isError?: boolean
  readonly cache?: CacheMark
}

export type UserPart = TextPart | ImagePart | FilePart | AudioPart
export type AssistantPart = TextPart | RefusalPart | ReasoningPart | ToolCallPart

export interface TextPart {
  readonly kind: 'text'
  readonly text: string
  readonly cache?: CacheMark
}

export interface RefusalPart {
  readonly kind: 'refusal'
  readonly text: string
}

export interface ImagePart {
  readonly kind: 'image'
  readonly source: MediaSource
  /** OpenAI's wish for resolution: `low`, `high`, `auto`. */
  readonly detail?: string
  readonly cache?: CacheMark
}

export interface FilePart {
  readonly kind: 'file'
  readonly source: MediaSource | { readonly kind: 'text'; readonly text: string }
  readonly name?: string
  readonly cache?: CacheMark
}

export interface AudioPart {
  readonly kind: 'audio'
  /** Base64. */
  readonly data: string
  /** `wav`, `mp3`, … */
  readonly format: string
}

export type MediaSource =
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  /** `data` is base64; the media type is in lower case and without parameters. */
  | { readonly kind: 'data'; readonly mediaType: string; readonly data: string }
  /** A file that the provider itself keeps. */
  | { readonly kind: 'file'; readonly id: string }

export interface ReasoningPart {
  readonly kind: 'reasoning'
  /** Empty where the provider keeps it to itself. */
  readonly text: string
  /** What proves it to its own provider. */
  readonly proof?: ReasoningProof
}

/**
 * A provider's own word that reasoning is its model's: worth something to that family of models only, and to be given
 * back exactly as it came.
 */
export interface ReasoningProof {
  readonly family: ReasoningFamily
  /** A signature beside the text, or the whole reasoning in the provider's own encryption. */
  readonly kind: 'signature' | 'encrypted'
  readonly value: string
}

export type ReasoningFamily = 'claude' | 'gemini' | 'gpt' | 'grok' | 'converse'

export interface ToolCallPart {
  readonly kind: 'tool-call'
  readonly id: string
  readonly name: string
  /** JSON text, as the model wrote it. It may be cut off where an answer was. */
  readonly arguments: string
  /** Gemini's thought signature, which belongs to the call. */
  readonly proof?: ReasoningProof
  readonly cache?: CacheMark
}

/** The prompt up to and with the part that bears it is to be cached. */
export interface CacheMark {
  readonly ttl?: '5m' | '1h'
  /** The same in OpenAI's own words, where the caller has them. */
  readonly breakpoint?: JsonObject
}

export interface Tool {
  readonly name: string
  readonly description?: string
  /** A JSON Schema, untouched. */
  readonly parameters?: JsonObject
  readonly strict?: boolean
  readonly cache?: CacheMark
  /** Takes text and not JSON: OpenAI's custom tools. Its calls' arguments are `{"input": "the text"}`. */
  readonly isFreeform?: boolean
  /** What that text must be like. */
  readonly grammar?: Grammar
  /** What the caller calls it, where that is a name within a namespace; `name` is both of them in one. */
  readonly namespaced?: { readonly namespace: string; readonly name: string }
}

/** The rules of a text: in Lark's language, or as a regular expression. */
export interface Grammar {
  readonly syntax: 'lark' | 'regex'
  readonly definition: string
}

export type ToolChoice =
  | { readonly kind: 'auto' | 'none' | 'required' }
  | { readonly kind: 'tool'; readonly name: string }
  | {
      readonly kind: 'allowed'
      readonly mode: 'auto' | 'required'
      readonly names: readonly string[]
    }

export type OutputFormat =
  | { readonly kind: 'json' }
  | {
      readonly kind: 'json-schema'
      readonly name: string
      readonly schema: JsonObject
      readonly description?: string
      readonly strict?: boolean
    }

/** How hard to think; every member is a wish of its own. */
export interface ReasoningWish {
  readonly effort?: Effort
  /** Tokens to think with, as older models count it. */
  readonly budgetTokens?: number
  /** The model decides for itself how long to think. */
  readonly isAdaptive?: boolean
  /** Whether, and how, the reasoning is to be shown: OpenAI's `summary`, Anthropic's `display`. */
  readonly show?: string
}

export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
export type Effort = (typeof EFFORTS)[number]

/** A whole answer. */
export interface ChatAnswer {
  /** The provider's own id of it. */
  readonly id?: string
  readonly model?: string
  readonly content: readonly AssistantPart[]
  readonly finish: Finish
  readonly usage?: Usage
  readonly serviceTier?: string
}

export interface Finish {
  readonly reason: FinishReason
  /** The stop sequence that was met, where that is known. */
  readonly stopSequence?: string
}

export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'tool-calls'
  | 'length'
  | 'content-filter'
  /** The provider paused a long turn; it goes on when the answer is sent back. */
  | 'pause'

/**
 * Tokens, in one meaning for all providers: the input includes what was read from and written to a cache, the output
 * includes reasoning. A count that nobody gave is left out, and is never zero.
 */
export interface Usage {
  readonly inputTokens?: number
  readonly cachedInputTokens?: number
  readonly cacheWriteTokens?: number
  /** The part of `cacheWriteTokens` that is kept for an hour. */
  readonly cacheWriteHourTokens?: number
  readonly outputTokens?: number
  readonly reasoningTokens?: number
}
